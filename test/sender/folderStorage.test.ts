import * as nodeFs from "node:fs/promises";
import { join } from "node:path";
import { folderStorage } from "../../sender/index";
import type { NodeFs } from "../../sender/nodeFs";
import type { RejectReason } from "../../sender/outboxStorage";
import { FakeClock, scratchFolder } from "./helpers";

const reason = {
  code: "NOT_JSON",
  message: "no",
  retryable: false,
  submissionId: "id",
  rejectedAt: "now",
} as RejectReason;
const failure = (code: string) => Object.assign(new Error(code), { code });
const read = (...path: string[]) => nodeFs.readFile(join(...path), "utf8");

let folder: string;
beforeEach(async () => {
  folder = join(await scratchFolder(), "outbox");
});

/** The real file system, except for the given calls. */
const fsWith = (changes: object): NodeFs => ({ ...nodeFs, ...changes }) as NodeFs;
/** Opens real files, but with changed handles. */
const openWith = (change: (handle: nodeFs.FileHandle, path: string) => void) =>
  fsWith({
    async open(path: string, flags: string) {
      const handle = await nodeFs.open(path, flags);
      change(handle, path);
      return handle;
    },
  });

describe("save", () => {
  test.each([
    ["a text", "text ü"],
    ["bytes", new TextEncoder().encode("text ü")],
  ])("keeps %s under its name, with nothing beside it", async (_, content) => {
    await folderStorage(folder).save("a.json", content);
    expect(await nodeFs.readdir(folder)).toEqual(["a.json"]);
    expect(await read(folder, "a.json")).toBe("text ü");
  });

  test("does not write where another process is writing", async () => {
    await nodeFs.mkdir(folder);
    await nodeFs.writeFile(join(folder, ".a.json.1.tmp"), "half");
    await folderStorage(folder).save("a.json", "whole");
    expect((await nodeFs.readdir(folder)).sort()).toEqual([".a.json.1.tmp", "a.json"]);
    expect([await read(folder, ".a.json.1.tmp"), await read(folder, "a.json")]).toEqual(["half", "whole"]);
  });

  test.each(["writeFile", "sync"] as const)("if %s fails, nothing is left, and the file is closed", async (method) => {
    let closed = 0;
    const fs = openWith((handle, path) => {
      if (!path.endsWith(".tmp")) return;
      handle[method] = (() => Promise.reject(failure("ENOSPC"))) as never;
      const close = handle.close.bind(handle);
      handle.close = () => {
        closed++;
        return close();
      };
    });
    await expect(folderStorage(folder, { fs }).save("a.json", "x")).rejects.toMatchObject({ code: "ENOSPC" });
    expect(await nodeFs.readdir(folder)).toEqual([]);
    expect(closed).toBe(1);
  });

  test("if clearing up fails as well, the first error is thrown", async () => {
    const fs = fsWith({
      rename: () => Promise.reject(failure("EIO")),
      unlink: () => Promise.reject(failure("EROFS")),
    });
    await expect(folderStorage(folder, { fs }).save("a.json", "x")).rejects.toMatchObject({ code: "EIO" });
  });

  test("an error of opening that is not about the name is thrown", async () => {
    const fs = fsWith({ open: () => Promise.reject(failure("EMFILE")), mkdir: async () => {} });
    await expect(folderStorage(folder, { fs }).save("a.json", "x")).rejects.toMatchObject({ code: "EMFILE" });
  });
});

describe("folders", () => {
  test("parent folders are made first, and each new folder is synced to disk in its parent", async () => {
    const diary: string[] = [];
    const fs = fsWith({
      async mkdir(path: string) {
        await nodeFs.mkdir(path);
        diary.push(`mkdir ${path}`);
      },
      async open(path: string, flags: string) {
        if (flags === "r") diary.push(`sync ${path}`);
        return nodeFs.open(path, flags);
      },
    });
    await folderStorage(join(folder, "b/c//"), { fs }).save("a.json", "x");
    expect(diary.map((line) => line.replaceAll(folder, "F"))).toEqual([
      "mkdir F",
      "sync F/..",
      "mkdir F/b",
      "sync F/b/..",
      "mkdir F/b/c/",
      "sync F/b/c//..",
      "sync F/b/c/",
    ]);
    expect(await read(folder, "b/c/a.json")).toBe("x");
  });

  test.each(["EEXIST", "EISDIR"])("a folder that exists already (%s) is accepted", async (code) => {
    await nodeFs.mkdir(folder);
    const fs = fsWith({ mkdir: () => Promise.reject(failure(code)) });
    await folderStorage(folder, { fs }).save("a.json", "x");
    expect(await read(folder, "a.json")).toBe("x");
  });

  test.each([
    ["a folder that must not be made", "x/y", "EACCES", 1],
    ["a folder without a parent", "x", "ENOENT", 1],
    ["the root's own", "/x", "ENOENT", 1],
    ["a folder whose parents are missing, too", "/x/y/z", "ENOENT", 3],
  ])("%s is an error", async (_, place, code, calls) => {
    const mkdir = jest.fn(() => Promise.reject(failure(code)));
    const fs = fsWith({ mkdir });
    await expect(folderStorage(place, { fs }).save("a.json", "x")).rejects.toMatchObject({ code });
    expect(mkdir).toHaveBeenCalledTimes(calls);
  });

  test.each([
    ...["EPERM", "EACCES", "EISDIR", "EINVAL", "ENOTSUP", "ENOSYS"].map((code) => [code, true] as const),
    ["EIO", false] as const,
  ])("a folder that cannot be synced (%s) is accepted: %p", async (code, good) => {
    let closed = 0;
    const fs = openWith((handle, path) => {
      if (path.endsWith(".tmp")) return;
      handle.sync = () => Promise.reject(failure(code));
      const close = handle.close.bind(handle);
      handle.close = () => {
        closed++;
        return close();
      };
    });
    const saved = folderStorage(folder, { fs }).save("a.json", "x");
    if (good) await saved;
    else await expect(saved).rejects.toMatchObject({ code });
    expect(closed).toBe(good ? 2 : 1);
  });
});

describe("names and read", () => {
  test("entries are the JSON files, sorted, without hidden files, folders and other files", async () => {
    const storage = folderStorage(folder);
    expect(await storage.names()).toEqual([]);
    for (const name of ["b.json", "a.json"]) await storage.save(name, "x");
    for (const name of [".c.json", "d.txt", ".d.json.1.tmp", "json"]) await nodeFs.writeFile(join(folder, name), "x");
    await nodeFs.mkdir(join(folder, "e.json"));
    expect(await storage.names()).toEqual(["a.json", "b.json"]);
  });

  test("a folder that cannot be listed is an error", async () => {
    const fs = fsWith({ readdir: () => Promise.reject(failure("EACCES")) });
    await expect(folderStorage(folder, { fs }).names()).rejects.toMatchObject({ code: "EACCES" });
  });

  test("a missing entry is undefined; an entry that cannot be read is an error", async () => {
    await nodeFs.mkdir(join(folder, "a.json"), { recursive: true });
    expect(await folderStorage(folder).read("none.json")).toBeUndefined();
    await expect(folderStorage(folder).read("a.json")).rejects.toMatchObject({ code: "NOT_A_FILE" });
  });
});

describe("remove and setAside", () => {
  test("removing a missing entry succeeds; a failed removal is an error", async () => {
    await folderStorage(folder).remove("none.json");
    const fs = fsWith({ unlink: () => Promise.reject(failure("EROFS")) });
    await expect(folderStorage(folder, { fs }).remove("a.json")).rejects.toMatchObject({ code: "EROFS" });
  });

  test("an entry is set aside with its reason, which is written first", async () => {
    const storage = folderStorage(folder);
    await storage.save("a.json", "oops");
    const renamed: string[] = [];
    const fs = fsWith({
      rename: (from: string, to: string) => {
        renamed.push(to.slice(folder.length));
        return nodeFs.rename(from, to);
      },
    });
    await folderStorage(folder, { fs }).setAside("a.json", reason);
    expect(renamed).toEqual(["/rejected/a.json.reason.json", "/rejected/a.json"]);
    expect(await read(folder, "rejected/a.json")).toBe("oops");
    expect(await read(folder, "rejected/a.json.reason.json")).toBe(`${JSON.stringify(reason, null, 2)}\n`);
    expect(await nodeFs.readdir(folder)).toEqual(["rejected"]);
  });

  test("an entry that is gone leaves no trace", async () => {
    await nodeFs.mkdir(folder);
    await folderStorage(folder).setAside("a.json", reason);
    expect(await nodeFs.readdir(folder)).toEqual([]);
  });

  /** Another process takes the entry just before we do. */
  const faster = (to?: string) =>
    fsWith({
      rename: async (from: string, target: string) => {
        if (from === join(folder, "a.json")) await nodeFs.rename(from, to ?? join(folder, "..", "taken"));
        return nodeFs.rename(from, target);
      },
    });

  test("if another process was faster under another name, our reason is removed", async () => {
    await folderStorage(folder).save("a.json", "oops");
    await folderStorage(folder, { fs: faster() }).setAside("a.json", reason);
    expect(await nodeFs.readdir(join(folder, "rejected"))).toEqual([]);
  });

  test("if it was faster under the same name, the reason stays", async () => {
    await folderStorage(folder).save("a.json", "oops");
    await folderStorage(folder, { fs: faster(join(folder, "rejected/a.json")) }).setAside("a.json", reason);
    expect((await nodeFs.readdir(join(folder, "rejected"))).sort()).toEqual(["a.json", "a.json.reason.json"]);
  });

  test.each(["rename", "stat"])("if %s fails in another way, that is an error", async (method) => {
    await folderStorage(folder).save("a.json", "oops");
    let calls = 0;
    const fs = fsWith({
      [method]: (...args: [string, string]) =>
        method === "rename" && calls++ === 0 ? nodeFs.rename(...args) : Promise.reject(failure("EIO")),
    });
    await expect(folderStorage(folder, { fs }).setAside("a.json", reason)).rejects.toMatchObject({ code: "EIO" });
  });
});

describe("tidy", () => {
  const STALE_MS = 600_000;

  test.each([
    ["ten minutes and a bit", STALE_MS + 1_000, true],
    ["just ten minutes", STALE_MS, false],
    ["less than that, so another process may be writing it", STALE_MS - 1_000, false],
    ["a moment", 0, false],
    ["a negative age, by a clock that was set back a little", -STALE_MS, false],
    ["a negative age, by a clock that was set back by years", -1_000 * STALE_MS, true],
  ])("a half-written file with an age of %s: %d ms, removed %p", async (_, age, gone) => {
    const clock = new FakeClock();
    const at = (clock.now() - age) / 1_000;
    const names = [".a.json.1.tmp", "rejected/.a.json.1.tmp"];
    await nodeFs.mkdir(join(folder, "rejected"), { recursive: true });
    for (const name of [...names, ".other", "a.tmp", "a.json"]) {
      await nodeFs.writeFile(join(folder, name), "{");
      await nodeFs.utimes(join(folder, name), at, at);
    }
    await folderStorage(folder, { clock }).tidy?.();
    const left = await nodeFs.readdir(folder, { recursive: true });
    expect(left.sort()).toEqual([...(gone ? [] : names), ".other", "a.json", "a.tmp", "rejected"].sort());
  });

  test.each([
    ["EPERM", true],
    ["EACCES", true],
    ["EBUSY", true],
    ["EROFS", true],
    ["EIO", false],
  ])("a file that cannot be removed (%s) does no harm: %p", async (code, fine) => {
    const clock = new FakeClock();
    await nodeFs.mkdir(folder);
    await nodeFs.writeFile(join(folder, ".a.json.1.tmp"), "{");
    const tidying = folderStorage(folder, {
      clock,
      fs: fsWith({ unlink: () => Promise.reject(failure(code)) }),
    }).tidy?.();
    if (fine) await tidying;
    else await expect(tidying).rejects.toMatchObject({ code });
  });

  test("a process was suspended while it wrote, and another one removed its file: it writes the file again", async () => {
    let renames = 0;
    const fs = fsWith({
      async rename(from: string, to: string) {
        if (renames++ === 0) await nodeFs.unlink(from);
        return nodeFs.rename(from, to);
      },
    });
    await folderStorage(folder, { fs }).save("a.json", "whole");
    expect(await nodeFs.readdir(folder)).toEqual(["a.json"]);
    expect(await read(folder, "a.json")).toBe("whole");
  });

  test("a file that disappears meanwhile is no error", async () => {
    await nodeFs.mkdir(folder);
    await nodeFs.writeFile(join(folder, ".a.json.1.tmp"), "{");
    const fs = fsWith({ stat: () => Promise.reject(failure("ENOENT")) });
    await expect(folderStorage(folder, { fs }).tidy?.()).resolves.toBeUndefined();
  });
});
