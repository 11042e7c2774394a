import * as nodeFs from "node:fs/promises";
import { join } from "node:path";
import { createSender, folderStorage, openOutbox } from "../../sender/index";
import type { NodeFs } from "../../sender/nodeFs";
import { batchAnswer, QUEUE_URL, scratchFolder, stubClient, survey } from "./helpers";

/** A file system that does `calls` calls and then no more, as if the process were killed. It records its calls. */
function mortalFs(calls: number): { fs: NodeFs; diary: string[]; alive: () => boolean } {
  const diary: string[] = [];
  let left = calls;
  const limited = <T extends object>(target: T, names: (keyof T & string)[]): T =>
    new Proxy(target, {
      get(object, key) {
        const value = Reflect.get(object, key);
        if (typeof value !== "function") return value;
        if (!names.includes(key as never)) return value.bind(object);
        return async (...args: unknown[]) => {
          if (left === 0) throw new Error("killed");
          left--;
          diary.push([key, ...args.filter((arg) => typeof arg === "string")].join(" "));
          return value.apply(object, args);
        };
      },
    });
  const fs = limited<NodeFs>({ ...nodeFs }, ["mkdir", "readdir", "rename", "stat", "unlink"]);
  const open = async (path: string, flags: string) => {
    if (left === 0) throw new Error("killed");
    left--;
    diary.push(`open ${path} ${flags}`);
    return limited(await nodeFs.open(path, flags), ["writeFile", "sync", "readFile"]);
  };
  return {
    fs: new Proxy(fs, { get: (o, k) => (k === "open" ? open : Reflect.get(o, k)) }),
    diary,
    alive: () => left > 0,
  };
}

/** A file that SQS cannot carry, but that has an id. */
let bad: string;
beforeAll(async () => {
  bad = join(await scratchFolder(), "bad.json");
  await nodeFs.writeFile(bad, JSON.stringify(survey({ user_id: "bad", freetext: "\uFFFE" })));
});

/** Saves two good submissions and a bad one, then flushes. Dies together with the file system. @returns the promised ids */
async function live(folder: string, calls: number, sent: Set<string>) {
  const { fs, diary, alive } = mortalFs(calls);
  const { client } = stubClient((request) => {
    for (const { MessageBody } of request.input.Entries as { MessageBody: string }[]) {
      if (alive()) sent.add(JSON.parse(MessageBody).user_id); // a killed process sends nothing
    }
    return alive() ? batchAnswer(request) : new Error("killed");
  });
  const sender = createSender({ queueUrl: QUEUE_URL }, { client, retry: { attempts: 1 } });
  const outbox = openOutbox(folderStorage(folder, { fs }), sender);
  const promised: string[] = [];
  for (const user_id of ["good-1", "bad", "good-2"]) {
    const saved = await outbox.save(user_id === "bad" ? bad : survey({ user_id })).catch(() => undefined);
    if (saved !== undefined) promised.push(user_id);
  }
  await outbox.flush();
  return { promised, diary, survived: alive() };
}

async function entries(folder: string): Promise<string[]> {
  const names = await nodeFs.readdir(folder).catch(() => []);
  const bodies = names.filter((name) => /^\d.*\.json$/.test(name) && !name.endsWith(".reason.json"));
  return Promise.all(bodies.map(async (name) => JSON.parse(await nodeFs.readFile(join(folder, name), "utf8")).user_id));
}

test("killed before any of its calls to the file system, it loses nothing that it promised", async () => {
  let calls = 0;
  for (let survived = false; !survived; calls++) {
    const folder = await scratchFolder();
    const sent = new Set<string>();
    const life = await live(folder, calls, sent);
    survived = life.survived;

    const there = [...(await entries(folder)), ...(await entries(join(folder, "rejected"))), ...sent];
    expect(there).toEqual(expect.arrayContaining(life.promised));

    await live(folder, Number.POSITIVE_INFINITY, sent); // the next start puts all in order
    expect([...sent].filter((id) => id !== "bad")).toEqual(expect.arrayContaining(["good-1", "good-2"]));
    expect(await entries(folder)).toEqual([]);
    const rejected = await nodeFs.readdir(join(folder, "rejected"));
    for (const name of rejected.filter((n) => !n.endsWith(".reason.json") && !n.startsWith("."))) {
      expect(rejected).toContain(`${name}.reason.json`);
    }
  }
  expect(calls).toBeGreaterThan(40); // the loop has really gone through the calls
});

test("content is on disk before its name appears, and the name before save resolves", async () => {
  const folder = await scratchFolder();
  const { fs, diary } = mortalFs(Number.POSITIVE_INFINITY);
  const outbox = openOutbox(folderStorage(folder, { fs }), createSender({ queueUrl: QUEUE_URL }));
  await outbox.save(survey());
  const steps = diary.map((line) => line.split(" ")[0]);
  expect(steps).toEqual(["mkdir", "open", "writeFile", "sync", "rename", "open", "sync"]);
  expect(diary[5]).toBe(`open ${folder} r`);
});
