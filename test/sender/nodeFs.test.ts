import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCode, type NodeFs, readBytes } from "../../sender/nodeFs";
import { scratchFolder } from "./helpers";

let folder: string;
beforeAll(async () => {
  folder = await scratchFolder();
  await writeFile(join(folder, "five"), "12345");
  await mkdir(join(folder, "folder"));
});

/** A file system that fails at the given calls. */
function failing(where: "stat" | "open", code: string): NodeFs {
  const fail = () => Promise.reject(Object.assign(new Error(`why ${code}`), { code }));
  return { stat: async () => ({ isFile: () => true }), open: fail, [where]: fail } as unknown as NodeFs;
}

test.each([
  ["without a limit", undefined],
  ["of just the limit", 5],
])("a file %s is read", async (_, limit) => {
  expect(Buffer.from(await readBytes(join(folder, "five"), limit)).toString()).toBe("12345");
});

test("a byte over the limit is refused, and the error names the size", async () => {
  await expect(readBytes(join(folder, "five"), 4)).rejects.toMatchObject({ code: "TOO_LARGE", value: 5 });
});

test("a folder is no file", async () => {
  const path = join(folder, "folder");
  await expect(readBytes(path)).rejects.toMatchObject({ code: "NOT_A_FILE", message: `${path} is not a file.` });
});

test.each(["ENOENT", "ENOTDIR"])("%s: there is no such file, with the cause", async (code) => {
  for (const where of ["stat", "open"] as const) {
    await expect(readBytes("a  b", 9, failing(where, code))).rejects.toMatchObject({
      code: "FILE_NOT_FOUND",
      message: "There is no file a b.",
      cause: { code },
    });
  }
});

test.each(["{", "  {"])("a path that begins with %j gets a hint", async (path) => {
  await expect(readBytes(path)).rejects.toMatchObject({
    message: expect.stringContaining("(a string is a path: pass the object, not its JSON)"),
  });
});

test("a path that ends with a brace gets no hint", async () => {
  await expect(readBytes("/none/x{")).rejects.toMatchObject({ message: "There is no file /none/x{." });
});

test("a platform without a file system throws a specific error", async () => {
  await jest.isolateModulesAsync(async () => {
    jest.doMock("node:fs/promises", () => {
      throw new Error("no such module");
    });
    const { loadNodeFs } = require("../../sender/nodeFs") as typeof import("../../sender/nodeFs");
    await expect(loadNodeFs()).rejects.toMatchObject({
      code: "FILES_UNSUPPORTED",
      message: "There is no file system here: pass the object.",
    });
  });
  jest.dontMock("node:fs/promises");
});

test("any other error reports an unreadable file, with the cause", async () => {
  await expect(readBytes("a", 9, failing("open", "EACCES"))).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: "a cannot be read: why EACCES",
    cause: { code: "EACCES" },
  });
});

test("a long path is shown in part", async () => {
  await expect(readBytes("x".repeat(300), 9, failing("stat", "ENOENT"))).rejects.toMatchObject({
    message: `There is no file ${"x".repeat(199)}….`,
  });
});

test.each([
  ["read", { stat: async () => ({ size: 1 }), readFile: async () => Buffer.from("1") }],
  ["too large", { stat: async () => ({ size: 99 }) }],
  ["unreadable", { stat: async () => ({ size: 1 }), readFile: () => Promise.reject(new Error("no")) }],
])("a file that is %s is closed", async (_, methods) => {
  const close = jest.fn(async () => {});
  const open = async (path: string, flags: string) => {
    expect([path, flags]).toEqual(["a", "r"]);
    return { ...methods, close };
  };
  const fs = { stat: async () => ({ isFile: () => true }), open } as unknown as NodeFs;
  await readBytes("a", 9, fs).catch(() => {});
  expect(close).toHaveBeenCalledTimes(1);
});

test.each<[unknown, string[], boolean]>([
  [{ code: "A" }, ["A"], true],
  [{ code: "B" }, ["A", "B"], true],
  [{ code: "C" }, ["A", "B"], false],
  [{ code: 5 }, ["5"], false],
  [{}, ["A"], false],
  [null, ["A"], false],
  [undefined, ["A"], false],
])("%j has one of the codes %j: %p", (error, codes, expected) => expect(isCode(error, ...codes)).toBe(expected));
