import { dynamoJson, revived } from "../../../../shared/aws/dynamoJson";
import type { Item } from "../../../../shared/aws/itemSize";
import {
  type BeforeRecord,
  isAsBefore,
  isAsLeft,
  recordIn,
  recordItem,
  recordOf,
} from "../../../../shared/writing/before/beforeRecord";
import type { Change, Seen } from "../../../../shared/writing/conditionalWrite";

const key: Item = { id: { S: "a" } };
const update = (set: Item, remove: string[], seen: Seen[]) =>
  ({ key, change: { kind: "update", set, remove }, seen }) as const;
const seen: Seen[] = [
  { path: ["v"], value: { N: "1" } },
  { path: ["v", "deep"], value: { S: "no attribute" } },
  { path: ["new"], value: undefined },
  { path: ["old"], value: { B: Buffer.from("x") } },
  { path: ["status"], value: { S: "read only" } },
];
const updated = recordOf(update({ v: { N: "2" }, new: { S: "n" } }, ["old"], seen));
const item: Item = { ...key, __proto__x: { L: [{ M: { b: { BS: [Buffer.from("y")] } } }] } };
const deleted = recordOf({ key, change: { kind: "delete", before: item }, seen: [] });
const put = recordOf({ key, change: { kind: "put", item }, seen: [] });

test("the former values of an update are those of the attributes that it changes", () => {
  expect(updated).toMatchObject({ change: "update", before: { v: { N: "1" }, old: { B: Buffer.from("x") } } });
  expect(Object.keys((updated as { before: Item }).before)).toEqual(["v", "old"]);
});

test.each<[string, Change, string]>([
  [
    "an update of an attribute that was not read",
    { kind: "update", set: { w: { S: "1" } }, remove: [] },
    "but w is not",
  ],
  ["a deletion without the item", { kind: "delete" }, "but the item is not"],
])("%s can't be recorded", (_, change, message) => {
  expect(() => recordOf({ key, change, seen })).toThrow(message);
});

test.each<[string, BeforeRecord]>([
  ["an update", updated],
  ["a deletion", deleted],
  ["a put", put],
])("%s keeps its form as a line of DynamoDB JSON", (_, record) => {
  const line = revived(JSON.parse(dynamoJson(recordItem(record))));
  expect(dynamoJson(recordItem(recordIn(line)))).toBe(dynamoJson(recordItem(record)));
});

test.each([{}, { key: { M: key } }, { key: { M: key }, change: { S: "put" } }])("%j is no record", (line) => {
  expect(() => recordIn(line as unknown as Item)).toThrow("must be one that a job has kept");
});

test.each<[string, BeforeRecord, Item | undefined, boolean, boolean]>([
  ["as an update left it", updated, { ...key, v: { N: "2.0" }, new: { S: "n" }, more: { S: "x" } }, true, false],
  ["as it was before an update", updated, { ...key, v: { N: "1" }, old: { B: Buffer.from("x") } }, false, true],
  ["half as an update left it", updated, { ...key, v: { N: "2" } }, false, false],
  ["gone after an update", updated, undefined, false, false],
  ["gone after a deletion", deleted, undefined, true, false],
  ["back after a deletion", deleted, item, false, true],
  ["replaced after a deletion", deleted, key, false, false],
  ["as it was put", put, item, true, false],
  ["with an attribute more than was put", put, { ...item, more: { S: "x" } }, false, false],
  ["gone after a put", put, undefined, false, true],
])("an item %s", (_, record, there, left, before) => {
  expect([isAsLeft(record, there), isAsBefore(record, there)]).toEqual([left, before]);
});
