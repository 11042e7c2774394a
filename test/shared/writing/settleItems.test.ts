import type { Item } from "../../../shared/aws/itemSize";
import type {
  ConditionalWrite,
  ConditionalWriter,
  Decide,
  WriteAnswer,
} from "../../../shared/writing/conditionalWrite";
import { settleItems } from "../../../shared/writing/settleItems";

const item = (id: string, v: string): Item => ({ id: { S: id }, v: { S: v } });
const keysOf = ({ id }: Item): Item => ({ id: id! });
const written: WriteAnswer = { end: "written" };
const refused = (now?: Item): WriteAnswer => ({ end: "refused", item: now });
const writeOf = (of: Item): ConditionalWrite => ({
  key: keysOf(of),
  change: { kind: "update", set: { v: { S: "new" } }, remove: [] },
  seen: [{ path: ["v"], value: of.v }],
});

/** Writes items that are old or changed, and counts the others by their `v`. */
const decide: Decide = (of) => {
  if (of.v?.S === "new") return { do: "count", outcome: "already" };
  if (of.v?.S === "skip") return { do: "count", outcome: "skipped" };
  if (of.v?.S === "bad") return { do: "fail", code: "ITEM_TOO_LARGE", reason: "It would be too large." };
  return { do: "write", write: writeOf(of) };
};

/** Gives the given answers, per key, and records the writes round by round. */
class Script implements ConditionalWriter {
  readonly rounds: string[][] = [];
  constructor(private readonly answers: Record<string, WriteAnswer[]>) {}

  async write(writes: readonly ConditionalWrite[]): Promise<WriteAnswer[]> {
    this.rounds.push(writes.map(({ key, seen }) => `${key.id?.S}:${seen[0]?.value?.S}`));
    return writes.map(({ key }) => this.answers[key.id!.S!]!.shift()!);
  }
}

test.each<[string, string, WriteAnswer[], object]>([
  ["is as wanted", "new", [], { outcome: "already" }],
  ["the operation leaves", "skip", [], { outcome: "skipped" }],
  ["can't be processed", "bad", [], { outcome: "failed", failure: { code: "ITEM_TOO_LARGE", attempts: 0 } }],
  ["is written", "old", [written], { outcome: "updated", written: { before: item("a", "old") } }],
  ["is gone", "old", [refused()], { outcome: "gone", item: item("a", "old") }],
  [
    "was changed to the wanted state",
    "old",
    [refused(item("a", "new"))],
    { outcome: "already", item: item("a", "new") },
  ],
  ["was changed so that it is skipped", "old", [refused(item("a", "skip"))], { outcome: "skipped" }],
  ["was changed so that it fails", "old", [refused(item("a", "bad"))], { outcome: "failed", failure: { attempts: 1 } }],
  [
    "was changed, and is then written",
    "old",
    [refused(item("a", "2")), written],
    { outcome: "updated", written: { before: item("a", "2"), write: writeOf(item("a", "2")) } },
  ],
  ["was changed, and is then gone", "old", [refused(item("a", "2")), refused()], { outcome: "gone" }],
  [
    "is changed each time",
    "old",
    ["2", "3", "4", "5"].map((v) => refused(item("a", v))),
    { outcome: "conflict", item: item("a", "5") },
  ],
  [
    "is changed each time, and finally to the wanted state",
    "old",
    ["2", "3", "4", "new"].map((v) => refused(item("a", v))),
    { outcome: "already" },
  ],
  [
    "DynamoDB rejects",
    "old",
    [{ end: "failed", code: "ValidationException", reason: "No.", attempts: 2 }],
    { outcome: "failed", failure: { code: "ValidationException", reason: "No.", attempts: 2 } },
  ],
])("an item that %s", async (_, v, answers, expected) => {
  const left = [...answers];
  const settled = await settleItems([item("a", v)], decide, keysOf, new Script({ a: left }));
  expect(settled).toEqual([expect.objectContaining({ key: { id: { S: "a" } } })]);
  expect(settled[0]).toMatchObject(expected);
  expect(left).toEqual([]);
});

test("the number of evaluations can be set", async () => {
  const writer = new Script({ a: [refused(item("a", "2")), written] });
  const [settled] = await settleItems([item("a", "old")], decide, keysOf, writer, { mostEvaluations: 1 });
  expect([settled?.outcome, writer.rounds.length]).toEqual(["conflict", 1]);
});

test("the results have the order of the items, and only refused items are written again", async () => {
  const writer = new Script({ a: [refused(item("a", "2")), written], b: [written], d: [refused()] });
  const items = [item("a", "old"), item("b", "old"), item("c", "skip"), item("d", "old")];
  const settled = await settleItems(items, decide, keysOf, writer);
  expect(settled.map(({ outcome }) => outcome)).toEqual(["updated", "updated", "skipped", "gone"]);
  expect(writer.rounds).toEqual([["a:old", "b:old", "d:old"], ["a:2"]]);
});

test("items of the same key are written one after the other", async () => {
  const writer = new Script({ a: [refused(item("a", "2")), written, refused(item("a", "new"))], b: [written] });
  const items = [item("a", "old"), item("b", "old"), item("a", "old")];
  const settled = await settleItems(items, decide, keysOf, writer);
  expect(settled.map(({ outcome }) => outcome)).toEqual(["updated", "updated", "already"]);
  expect(writer.rounds).toEqual([["a:old", "b:old"], ["a:2"], ["a:old"]]);
});

test("a write may have its own decision for the item that refused it", async () => {
  const met: Decide = ({ v }) => ({ do: "count", outcome: v?.S === "theirs" ? "conflict" : "already" });
  const put: Decide = (of) => {
    return { do: "write", write: { key: keysOf(of), change: { kind: "put", item: of }, seen: [] }, met };
  };
  const writer = new Script({ a: [refused(item("a", "theirs"))], b: [refused(item("b", "ours"))] });
  const settled = await settleItems([item("a", "x"), item("b", "x")], put, keysOf, writer);
  expect(settled.map(({ outcome }) => outcome)).toEqual(["conflict", "already"]);
});

test("an error of the writer is thrown", async () => {
  const writer: ConditionalWriter = { write: () => Promise.reject(new Error("access denied")) };
  await expect(settleItems([item("a", "old")], decide, keysOf, writer)).rejects.toThrow("access denied");
});

test("without items there is no write", async () => {
  const writer = new Script({});
  expect(await settleItems([], decide, keysOf, writer)).toEqual([]);
  expect(writer.rounds).toEqual([]);
});
