import { flushOutbox, rejectReason, storageError } from "../../sender/flushOutbox";
import { type OutboxStorage, type Sender, SenderError } from "../../sender/index";
import type { Letter } from "../../sender/letter";
import { FakeClock, survey } from "./helpers";

const clock = new FakeClock(Date.UTC(2021, 8, 28, 12));
const text = (user_id: string) => JSON.stringify(survey({ user_id }));
const idOf = (user_id: string) => `${user_id}092821120000`;
const broken = new Error("no disk");
const io = { code: "OUTBOX_IO", message: "The outbox's storage failed: no disk", retryable: true };

/** A storage in memory that fails at the given calls, and records its changes. */
function storageOf(entries: Record<string, string | Uint8Array | Error>, failing: (keyof OutboxStorage)[] = []) {
  const diary: string[] = [];
  const step = async (name: keyof OutboxStorage, line?: string) => {
    if (failing.includes(name)) throw broken;
    if (line !== undefined) diary.push(line);
  };
  const storage: OutboxStorage = {
    async names() {
      await step("names");
      return Object.keys(entries);
    },
    async read(name) {
      await step("read");
      const content = entries[name];
      if (content instanceof Error) throw content;
      return content;
    },
    save: () => step("save"),
    remove: (name) => step("remove", `remove ${name}`),
    setAside: (name, { code, submissionId, rejectedAt }) =>
      step("setAside", `aside ${name} ${code} ${submissionId} ${rejectedAt}`),
    tidy: () => step("tidy", "tidy"),
  };
  return { storage, diary };
}

type Answer = (letter: Letter) => { messageId: string } | { error: SenderError };
/** A sender that answers each letter, and fails after so many. */
function senderOf(answer: Answer, failAfter = Number.POSITIVE_INFINITY) {
  const options: unknown[] = [];
  let done = 0;
  const deliver: Sender["deliver"] = async (letters, onOutcome, given) => {
    options.push(given);
    for await (const letter of letters) {
      if (done++ === failAfter) throw new SenderError("BAD_OPTION", "no");
      await onOutcome(letter, answer(letter));
    }
  };
  return { sender: { deliver } as Sender, options };
}
const takes: Answer = ({ submissionId }) => ({ messageId: `m-${submissionId}` });
const refuses =
  (code: SenderError["code"], retryable = false): Answer =>
  () => ({ error: new SenderError(code, "no", { retryable }) });

test("an entry that SQS takes is removed and reported; the storage is tidied first", async () => {
  const { storage, diary } = storageOf({ a: text("1"), b: new TextEncoder().encode(text("2")) });
  const { sender, options } = senderOf(takes);
  const progress: [number, number][] = [];
  const { signal } = new AbortController();
  const given = { signal, concurrency: 3, onProgress: (...counts: [number, number]) => progress.push(counts) };
  expect(await flushOutbox(storage, sender, clock, given)).toEqual({
    sent: [
      { name: "a", submissionId: idOf("1"), messageId: `m-${idOf("1")}` },
      { name: "b", submissionId: idOf("2"), messageId: `m-${idOf("2")}` },
    ],
    refused: [],
    waiting: [],
  });
  expect(diary).toEqual(["tidy", "remove a", "remove b"]);
  expect(options).toEqual([{ signal, concurrency: 3 }]);
  expect(progress).toEqual([
    [1, 2],
    [2, 2],
  ]);
});

test("a storage that needs no tidying is flushed as well", async () => {
  const { storage } = storageOf({ a: text("1") });
  const { tidy, ...plain } = storage;
  expect((await flushOutbox(plain, senderOf(takes).sender, clock, {})).sent).toHaveLength(1);
});

test("an entry that has disappeared is in no list, and counts as done", async () => {
  const { storage } = storageOf({ gone: undefined as never, a: text("1") });
  const progress: number[][] = [];
  const report = await flushOutbox(storage, senderOf(takes).sender, clock, {
    onProgress: (...counts) => progress.push(counts),
  });
  expect(report).toMatchObject({ sent: [{ name: "a" }], refused: [], waiting: [] });
  expect(progress).toEqual([[2, 2]]);
});

test.each<[string, string | Error, string, string]>([
  ["is no survey", "oops", "NOT_JSON", "a"],
  ["has a character that SQS does not carry", text("1\uFFFE"), "INVALID_CHARACTERS", idOf("1\uFFFE")],
  ["is too large to be read", new SenderError("TOO_LARGE", "no"), "TOO_LARGE", "a"],
])("an entry that %s is set aside, with the reason and the time", async (_, content, code, id) => {
  const { storage, diary } = storageOf({ a: content });
  const report = await flushOutbox(storage, senderOf(takes).sender, clock, {});
  expect(report).toMatchObject({ sent: [], refused: [{ name: "a", submissionId: id, error: { code } }], waiting: [] });
  expect(diary).toEqual(["tidy", `aside a ${code} ${id} 2021-09-28T12:00:00.000Z`]);
});

test("an entry that SQS refuses for its content is set aside", async () => {
  const { storage, diary } = storageOf({ a: text("1") });
  const report = await flushOutbox(storage, senderOf(refuses("CONTENT_REFUSED")).sender, clock, {});
  const error = { code: "CONTENT_REFUSED", message: "no", retryable: false };
  expect(report).toEqual({ sent: [], refused: [{ name: "a", submissionId: idOf("1"), error }], waiting: [] });
  expect(diary).toEqual(["tidy", `aside a CONTENT_REFUSED ${idOf("1")} 2021-09-28T12:00:00.000Z`]);
});

test.each<[SenderError["code"], boolean]>([
  ["ACCESS_DENIED", false],
  ["NETWORK", true],
  ["NOT_TRIED", true],
])("an entry that was not sent for %s stays, with the reason", async (code, retryable) => {
  const { storage, diary } = storageOf({ a: text("1") });
  const report = await flushOutbox(storage, senderOf(refuses(code, retryable)).sender, clock, {});
  const error = { code, message: "no", retryable };
  expect(report).toEqual({ sent: [], refused: [], waiting: [{ name: "a", submissionId: idOf("1"), error }] });
  expect(diary).toEqual(["tidy"]);
});

test("letters that earlier flushes tried in vain come last, until they are sent or set aside", async () => {
  const { storage } = storageOf({ a: text("1"), b: text("2"), c: text("3"), d: text("4"), e: text("5") });
  const tried = new Set(["a", "b", "c"]);
  const order: string[] = [];
  const answers: Record<string, Answer> = {
    [idOf("1")]: takes,
    [idOf("2")]: refuses("CONTENT_REFUSED"),
    [idOf("3")]: refuses("REQUEST_REFUSED"),
    [idOf("4")]: refuses("NETWORK", true),
    [idOf("5")]: refuses("NOT_TRIED", true),
  };
  const { sender } = senderOf((letter) => {
    order.push(letter.submissionId);
    return (answers[letter.submissionId] as Answer)(letter);
  });
  await flushOutbox(storage, sender, clock, {}, tried);
  expect(order).toEqual(["4", "5", "1", "2", "3"].map(idOf));
  expect([...tried].sort()).toEqual(["c", "d"]);
});

describe("if the storage fails", () => {
  test.each<[keyof OutboxStorage, object]>([
    ["read", { waiting: [{ name: "a", submissionId: "a", error: io }] }],
    ["remove", { waiting: [{ name: "a", submissionId: idOf("1"), messageId: `m-${idOf("1")}`, error: io }] }],
    ["names", { error: io }],
    ["tidy", { error: io }],
  ])("at %s, nothing counts as sent", async (method, expected) => {
    const { storage } = storageOf({ a: text("1") }, [method]);
    const report = await flushOutbox(storage, senderOf(takes).sender, clock, {});
    expect(report).toEqual({ sent: [], refused: [], waiting: [], ...expected });
  });

  test("at setting aside, the entry still waits, with the storage's error", async () => {
    const { storage } = storageOf({ a: "oops", b: text("1") }, ["setAside"]);
    expect(await flushOutbox(storage, senderOf(refuses("CONTENT_REFUSED")).sender, clock, {})).toEqual({
      sent: [],
      refused: [],
      waiting: [
        { name: "a", submissionId: "a", error: io },
        { name: "b", submissionId: idOf("1"), error: io },
      ],
    });
  });

  test("with one entry, the other entries are sent", async () => {
    const { storage } = storageOf({ a: broken as never, b: text("2") });
    const report = await flushOutbox(storage, senderOf(takes).sender, clock, {});
    expect(report).toMatchObject({ sent: [{ name: "b" }], waiting: [{ name: "a", error: io }] });
  });
});

test("a flush that breaks off reports the reason, and all undecided entries wait with that reason", async () => {
  const { storage } = storageOf({ a: text("1"), b: text("2"), c: text("3") });
  const progress: number[][] = [];
  const report = await flushOutbox(storage, senderOf(takes, 1).sender, clock, {
    onProgress: (...counts) => progress.push(counts),
  });
  const error = { code: "BAD_OPTION", message: "no", retryable: false };
  expect(report).toEqual({
    sent: [expect.objectContaining({ name: "a" })],
    refused: [],
    waiting: [
      { name: "b", submissionId: "b", error },
      { name: "c", submissionId: "c", error },
    ],
    error,
  });
  expect(progress).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

describe("an error of a storage", () => {
  test.each([
    ["ENOSPC", "The outbox's storage failed: the disk is full: why"],
    ["EDQUOT", "The outbox's storage failed: the disk is full: why"],
    ["EIO", "The outbox's storage failed: why"],
    [undefined, "The outbox's storage failed: why"],
  ])("with the code %s may pass, and keeps its cause", (code, message) => {
    const cause = Object.assign(new Error("why"), { code });
    expect(storageError(cause)).toMatchObject({ code: "OUTBOX_IO", message, retryable: true, cause });
  });

  test.each([null, undefined, "text"])("may be %p", (thrown) => {
    expect(storageError(thrown)).toMatchObject({
      code: "OUTBOX_IO",
      message: `The outbox's storage failed: ${thrown}`,
    });
  });

  test("that the sender itself has made stays unchanged", () => {
    const error = new SenderError("TOO_LARGE", "no");
    expect(storageError(error)).toBe(error);
  });
});

test("the reason why a submission is set aside is plain data", () => {
  const error = new SenderError("NOT_JSON", "no", { cause: broken, value: 5 });
  expect(rejectReason("id", error, clock)).toEqual({
    code: "NOT_JSON",
    message: "no",
    retryable: false,
    submissionId: "id",
    rejectedAt: "2021-09-28T12:00:00.000Z",
  });
});
