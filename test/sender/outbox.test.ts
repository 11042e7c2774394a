import { mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSender, type Outbox, type OutboxStorage, openOutbox, type SenderOptions } from "../../sender/index";
import {
  batchAnswer,
  CREDENTIALS,
  DEAD_QUEUE_URL,
  FakeClock,
  FIXTURES,
  localSqs,
  QUEUE_URL,
  readFixture,
  refusal,
  scratchFolder,
  stubClient,
  survey,
} from "./helpers";

const sqs = localSqs();

/** An outbox in a fresh folder, its sender answered by a stub. */
async function setUp(answer: Parameters<typeof stubClient>[0] = (request) => batchAnswer(request)) {
  const folder = await scratchFolder();
  const { client, requests } = stubClient(answer);
  const clock = new FakeClock();
  const sender = createSender({ queueUrl: QUEUE_URL }, { client, clock });
  return { folder, clock, requests, outbox: openOutbox(folder, sender, { clock }) };
}

async function realOutbox(folder: string, queueUrl: string, options: SenderOptions = {}): Promise<Outbox> {
  return openOutbox(folder, createSender({ queueUrl }, { credentials: CREDENTIALS, ...options }));
}

const rejects = (folder: string) => readdir(join(folder, "rejected")).then((names) => names.sort());
const json = async (path: string) => JSON.parse(await readFile(path, "utf8"));

describe("save", () => {
  test("keeps an object under a name with only its time and its sender", async () => {
    const { folder, outbox, clock } = await setUp();
    const { name = "", ...result } = await outbox.save(survey());
    expect(result).toEqual({ statusCode: 200, submissionId: "0001092821120000" });
    expect(name).toMatch(new RegExp(`^00${clock.now()}-0000-[0-9a-f]{16}-0001092821120000\\.json$`));
    expect(await readdir(folder)).toEqual([name]);
    expect(await json(join(folder, name))).toEqual(survey());
  });

  test("keeps a file's bytes and leaves the file where it is", async () => {
    const { folder, outbox } = await setUp();
    const { name = "" } = await outbox.save(join(FIXTURES, "survey-01.json"));
    expect(await readFile(join(folder, name), "utf8")).toBe(await readFixture("survey-01.json"));
  });

  test("keeps the same submission twice if saved twice, in the order of saving", async () => {
    const { outbox, clock } = await setUp();
    const names: (string | undefined)[] = [];
    for (const ms of [0, 0, 1, 0]) {
      clock.advance(ms);
      names.push((await outbox.save(survey())).name);
    }
    expect(await outbox.names()).toEqual(names);
  });

  test("makes the folder and those above it", async () => {
    const { folder } = await setUp();
    const outbox = await realOutbox(join(folder, "a/b/c"), DEAD_QUEUE_URL);
    expect(await outbox.names()).toEqual([]);
    expect((await outbox.save(survey())).statusCode).toBe(200);
    expect(await outbox.names()).toHaveLength(1);
  });

  test("an id that looks like a path makes no folders", async () => {
    const { folder, outbox } = await setUp();
    await outbox.save(survey({ user_id: "../../etc/\0" }));
    expect(await readdir(folder)).toHaveLength(1);
  });

  test.each<[string, object | string, string]>([
    ["not JSON", "oops", "NOT_JSON"],
    ["an array", "[]", "NOT_AN_OBJECT"],
    ["with a character SQS does not carry", '{"a":"\uFFFE"}', "INVALID_CHARACTERS"],
    ["an object over 1 MiB", { a: "x".repeat(1_048_576) }, "TOO_LARGE"],
    ["a file over 1 MiB", `{"a":"${"x".repeat(1_048_576)}"}`, "TOO_LARGE"],
  ])("a submission that is %s is set aside at once, whole and with its reason", async (_, content, code) => {
    const { folder, outbox, clock } = await setUp();
    const path = join(await scratchFolder(), "bad.json");
    if (typeof content === "string") await writeFile(path, content);
    const result = await outbox.save(typeof content === "string" ? path : content);
    expect(result).toMatchObject({ statusCode: 400, error: { code, retryable: false } });
    expect(await outbox.names()).toEqual([]);
    const name = result.name as string;
    expect(await rejects(folder)).toEqual([name, `${name}.reason.json`]);
    const kept = await readFile(join(folder, "rejected", name), "utf8");
    expect(kept).toBe(typeof content === "string" ? content : JSON.stringify(content));
    expect(await json(join(folder, "rejected", `${name}.reason.json`))).toEqual({
      ...result.error,
      submissionId: result.submissionId,
      rejectedAt: new Date(clock.now()).toISOString(),
    });
  });

  test.each<[string, unknown, string]>([
    ["a missing file", "/none.json", "FILE_NOT_FOUND"],
    ["a directory", "/", "NOT_A_FILE"],
    ["a BigInt", { a: 1n }, "NOT_SERIALISABLE"],
    ["null", null, "BAD_SURVEY"],
  ])("%s leaves nothing to keep", async (_, value, code) => {
    const { folder, outbox } = await setUp();
    expect(await outbox.save(value as object)).toMatchObject({ statusCode: 400, error: { code } });
    expect(await readdir(folder)).toEqual([]);
  });

  test("a storage that fails rejects it, with the cause", async () => {
    const full = Object.assign(new Error("write"), { code: "ENOSPC" });
    const storage = { save: () => Promise.reject(full) } as unknown as OutboxStorage;
    const outbox = openOutbox(storage, createSender({ queueUrl: QUEUE_URL }));
    await expect(outbox.save(survey())).rejects.toMatchObject({ code: "OUTBOX_IO", retryable: true, cause: full });
  });

  test("a file in place of the folder rejects it", async () => {
    const file = join(await scratchFolder(), "file");
    await writeFile(file, "");
    await expect((await realOutbox(file, QUEUE_URL)).save(survey())).rejects.toMatchObject({ code: "OUTBOX_IO" });
  });
});

describe("flush", () => {
  test("sends all, byte for byte, in the order saved, and leaves the folder empty", async () => {
    const folder = await scratchFolder();
    const outbox = await realOutbox(folder, await sqs.queue("all"));
    const names = (await readdir(FIXTURES)).sort();
    for (const name of names) await outbox.save(join(FIXTURES, name));
    const progress: [number, number][] = [];
    const report = await outbox.flush({ onProgress: (done, total) => progress.push([done, total]), concurrency: 1 });
    expect(report.sent).toHaveLength(10);
    expect(report).toMatchObject({ refused: [], waiting: [] });
    expect(await sqs.bodies("all")).toEqual(await Promise.all(names.map(readFixture)));
    expect(await readdir(folder)).toEqual([]);
    expect(progress.at(-1)).toEqual([10, 10]);
  });

  test("an empty or missing outbox sends no request to SQS", async () => {
    const { outbox, clock, requests } = await setUp();
    expect(await clock.run(outbox.flush())).toEqual({ sent: [], refused: [], waiting: [] });
    expect(await (await realOutbox("/nowhere/at/all", QUEUE_URL)).flush()).toEqual({
      sent: [],
      refused: [],
      waiting: [],
    });
    expect(requests).toEqual([]);
  });

  test("without a network everything stays, and is sent once there is a network", async () => {
    const folder = await scratchFolder();
    const offline = await realOutbox(folder, DEAD_QUEUE_URL, { retry: { attempts: 2, baseDelayMs: 1 } });
    for (let i = 0; i < 45; i++) await offline.save(survey({ user_id: `u${i}` }));
    const report = await offline.flush();
    expect(report.waiting).toHaveLength(45);
    expect(new Set(report.waiting.map(({ error }) => error?.code))).toEqual(new Set(["NETWORK", "NOT_TRIED"]));
    const online = await realOutbox(folder, await sqs.queue("later"));
    expect((await online.flush()).sent).toHaveLength(45);
    expect(await sqs.bodies("later")).toHaveLength(45);
  });

  test.each<[string, { code: string; senderFault: boolean }, "refused" | "waiting"]>([
    ["is the content's fault", { code: "InvalidMessageContents", senderFault: true }, "refused"],
    ["is SQS's fault", { code: "InternalError", senderFault: false }, "waiting"],
    ["is throttling", { code: "ThrottlingException", senderFault: true }, "waiting"],
    ["is about a key", { code: "KmsAccessDenied", senderFault: true }, "waiting"],
  ])("if a batch fails in part, only the failed entry is kept, when it %s", async (_, fault, list) => {
    const { folder, outbox, clock } = await setUp((request) =>
      batchAnswer(request, (body) => (body.includes('"user_id":"u1"') ? fault : undefined)),
    );
    for (let i = 0; i < 3; i++) await outbox.save(survey({ user_id: `u${i}` }));
    const [, bad = ""] = await outbox.names();
    const report = await clock.run(outbox.flush());
    expect(report.sent.map((entry) => entry.submissionId)).toEqual(["u0092821120000", "u2092821120000"]);
    expect(report[list]).toMatchObject([{ name: bad }]);
    expect(await outbox.names()).toEqual(list === "waiting" ? [bad] : []);
    if (list === "refused") expect(await rejects(folder)).toEqual([bad, `${bad}.reason.json`]);
  });

  test("files that others put there are sent, or set aside under their own name", async () => {
    const { folder, outbox, clock } = await setUp();
    await writeFile(join(folder, "good.json"), JSON.stringify(survey()));
    await writeFile(join(folder, "bad.json"), "oops");
    await writeFile(join(folder, "huge.json"), `{"a":"${"x".repeat(1_048_576)}"}`);
    await writeFile(join(folder, "note.txt"), "not ours");
    await mkdir(join(folder, "folder.json"));
    const report = await clock.run(outbox.flush());
    expect(report.sent.map((entry) => entry.name)).toEqual(["good.json"]);
    expect(report.refused.map((entry) => [entry.name, entry.error?.code])).toEqual([
      ["bad.json", "NOT_JSON"],
      ["huge.json", "TOO_LARGE"],
    ]);
    expect((await readdir(folder)).sort()).toEqual(["folder.json", "note.txt", "rejected"]);
    expect(await rejects(folder)).toEqual(["bad.json", "bad.json.reason.json", "huge.json", "huge.json.reason.json"]);
  });

  test("rejects of the same name do not overwrite each other", async () => {
    const { folder, outbox, clock } = await setUp();
    for (const content of ["one", "two", "three"]) {
      await writeFile(join(folder, "bad.json"), content);
      await clock.run(outbox.flush());
    }
    const files = ["bad.json", "bad~2.json", "bad~3.json"];
    expect((await rejects(folder)).filter((name) => !name.endsWith(".reason.json"))).toEqual(files);
    expect(await Promise.all(files.map((name) => readFile(join(folder, "rejected", name), "utf8")))).toEqual([
      "one",
      "two",
      "three",
    ]);
  });

  test("a file that a crash left half-written is removed after ten minutes, not before", async () => {
    const { folder, outbox, clock } = await setUp();
    for (const [name, minutes] of [
      [".old.json.1.tmp", 11],
      [".new.json.1.tmp", 9],
    ] as const) {
      await writeFile(join(folder, name), "{");
      const time = clock.now() / 1_000 - minutes * 60;
      await utimes(join(folder, name), time, time);
    }
    await clock.run(outbox.flush());
    expect(await readdir(folder)).toEqual([".new.json.1.tmp"]);
  });

  test("a refusal of the whole request keeps everything and reports why", async () => {
    const { outbox, clock } = await setUp(() => refusal(403, "AccessDenied"));
    await outbox.save(survey());
    const report = await clock.run(outbox.flush());
    expect(report.waiting).toMatchObject([{ submissionId: "0001092821120000", error: { code: "ACCESS_DENIED" } }]);
    expect(await outbox.names()).toHaveLength(1);
  });

  test.each([
    ["a bad queue URL", "nonsense", {}, "BAD_QUEUE_URL"],
    ["a bad option", QUEUE_URL, { concurrency: 0 }, "BAD_OPTION"],
  ])("%s keeps everything and reports why", async (_, queueUrl, options, code) => {
    const outbox = await realOutbox(await scratchFolder(), queueUrl);
    await outbox.save(survey());
    expect(await outbox.flush(options)).toMatchObject({ sent: [], waiting: [{ error: { code } }], error: { code } });
  });

  test("a storage that cannot be listed is reported, not thrown", async () => {
    const file = join(await scratchFolder(), "file");
    await writeFile(file, "");
    const report = await (await realOutbox(file, QUEUE_URL)).flush();
    expect(report).toMatchObject({ sent: [], error: { code: "OUTBOX_IO" } });
  });

  test("in an app's own storage, an entry that was sent but cannot be removed counts as waiting", async () => {
    const storage: OutboxStorage = {
      names: async () => ["gone", "a"],
      read: async (name) => (name === "gone" ? undefined : JSON.stringify(survey())),
      save: async () => {},
      remove: () => Promise.reject(new Error("read-only")),
      setAside: async () => {},
    };
    const { client } = stubClient((request) => batchAnswer(request));
    const outbox = openOutbox(storage, createSender({ queueUrl: QUEUE_URL }, { client }));
    expect(await outbox.flush()).toMatchObject({
      sent: [],
      waiting: [{ name: "a", messageId: "m-0", error: { code: "OUTBOX_IO" } }],
    });
  });

  test("an aborted flush keeps everything", async () => {
    const { outbox, clock, requests } = await setUp();
    await outbox.save(survey());
    await clock.run(outbox.flush({ signal: AbortSignal.abort() }));
    expect(requests).toEqual([]);
    expect(await outbox.names()).toHaveLength(1);
  });

  test("called twice at once, it sends every entry once", async () => {
    const { outbox, clock, requests } = await setUp();
    for (let i = 0; i < 5; i++) await outbox.save(survey({ user_id: `u${i}` }));
    const [first, second] = await clock.run(Promise.all([outbox.flush(), outbox.flush()]));
    expect([first.sent.length, second.sent.length]).toEqual([5, 0]);
    expect(requests).toHaveLength(1);
  });

  test("two outboxes over one folder, saving and flushing at once, lose and corrupt nothing", async () => {
    const folder = await scratchFolder();
    const queueUrl = await sqs.queue("two");
    const both = [await realOutbox(folder, queueUrl), await realOutbox(folder, queueUrl)];
    await writeFile(join(folder, "bad.json"), "oops");
    const work = both.map(async (outbox, which) => {
      for (let i = 0; i < 60; i++) {
        await outbox.save(survey({ user_id: `u${which}-${i}` }));
        if (i % 10 === 9) expect(await outbox.flush()).not.toHaveProperty("error");
      }
    });
    await Promise.all(work);
    await both[0]?.flush();
    const ids = (await sqs.bodies("two")).map((body) => JSON.parse(body).user_id);
    const expected = [0, 1].flatMap((which) => Array.from({ length: 60 }, (_, i) => `u${which}-${i}`));
    expect([...new Set(ids)].sort()).toEqual(expected.sort());
    expect(await readdir(folder)).toEqual(["rejected"]);
    expect(await rejects(folder)).toEqual(["bad.json", "bad.json.reason.json"]);
  });
});
