import type { ConditionalWrite } from "../../../shared/writing/conditionalWrite";
import { statementOf } from "../../../shared/writing/statements";

const key = { pk: { S: "p" }, sk: { N: "1" } };
const set = { a: { S: "x" } };
const update = (given: Partial<ConditionalWrite> = {}): ConditionalWrite => {
  return { key, change: { kind: "update", set, remove: [] }, seen: [], ...given };
};

test("an update sets, removes, and names its conditions", () => {
  const write = update({
    change: { kind: "update", set: { a: { S: "x" }, b: { L: [] } }, remove: ["c", "d"] },
    seen: [
      { path: ["Status"], value: { S: "open" } },
      { path: ["GSISK"], value: undefined },
    ],
  });
  expect(statementOf("orders", write)).toEqual({
    text:
      'UPDATE "orders" SET "a"=? SET "b"=? REMOVE "c" REMOVE "d" ' +
      'WHERE "pk"=? AND "sk"=? AND "Status"=? AND "GSISK" IS MISSING',
    parameters: [{ S: "x" }, { L: [] }, { S: "p" }, { N: "1" }, { S: "open" }],
    deletes: false,
  });
});

test("writes that differ only in values have the same text; all others have texts of their own", () => {
  const seen = (...all: ConditionalWrite["seen"]) => update({ seen: all });
  const writes = [
    update(),
    update({ key: { sk: { N: "1" }, pk: { S: "p" } } }),
    update({ change: { kind: "update", set: { a: { S: "x" }, b: { S: "y" } }, remove: [] } }),
    update({ change: { kind: "update", set, remove: ["b"] } }),
    update({ change: { kind: "update", set, remove: ["c"] } }),
    update({ change: { kind: "update", set: {}, remove: ["a"] } }),
    update({ change: { kind: "delete" } }),
    seen({ path: ["b"], value: undefined }),
    seen({ path: ["b"], value: { N: "1" } }),
    seen({ path: ["b", 0], value: { N: "1" } }),
    seen({ path: ["b", "0"], value: { N: "1" } }),
    seen({ path: ["b"], value: { N: "1" } }, { path: ["c"], value: undefined }),
  ];
  const texts = writes.map((write) => statementOf("t", write)!.text);
  expect(new Set(texts).size).toBe(writes.length);
  // Each write directly after each other one, and with other values.
  for (const [i, write] of writes.entries()) {
    for (const before of writes) {
      statementOf("t", before);
      const other = { ...write, key: Object.fromEntries(Object.keys(write.key).map((name) => [name, { S: "other" }])) };
      const { text, parameters } = statementOf("t", other)!;
      expect(text).toBe(texts[i]);
      expect(parameters.filter(({ S }) => S === "other")).toHaveLength(2);
    }
  }
  expect(statementOf("u", update())!.text).not.toBe(texts[0]);
});

test("a delete asks for the item, because it also succeeds if there is none", () => {
  const write = update({ change: { kind: "delete" }, seen: [{ path: ["a"], value: { BOOL: true } }] });
  expect(statementOf("orders", write)).toEqual({
    text: 'DELETE FROM "orders" WHERE "pk"=? AND "sk"=? AND "a"=? RETURNING ALL OLD *',
    parameters: [{ S: "p" }, { N: "1" }, { BOOL: true }],
    deletes: true,
  });
});

test.each<[string, ConditionalWrite["seen"][number]["path"], string]>([
  ["a dot is part of the name", ["a.b"], '"a.b"'],
  ["a quote is doubled", ['a"b""'], '"a""b"""""'],
  ["a reserved word is a name", ["select"], '"select"'],
  ["parts of a path are quoted one by one", ["a", "b.c", 0, 'd"', 12], '"a"."b.c"[0]."d"""[12]'],
])("%s", (_, path, quoted) => {
  const write = update({ seen: [{ path, value: undefined }] });
  expect(statementOf("t", write)?.text).toBe(`UPDATE "t" SET "a"=? WHERE "pk"=? AND "sk"=? AND ${quoted} IS MISSING`);
});

test.each<[string, ConditionalWrite]>([
  ["a put", { key, change: { kind: "put", item: key }, seen: [] }],
  ["an update that changes nothing", update({ change: { kind: "update", set: {}, remove: [] } })],
  ["a name that starts with #", update({ change: { kind: "update", set: { "#a": { S: "" } }, remove: [] } })],
  ["a name that starts with :", update({ change: { kind: "update", set, remove: [":a"] } })],
  ["a path with a part that starts like that", update({ seen: [{ path: ["a", 0, "#b"], value: undefined }] })],
  ["a key with a name that starts like that", update({ key: { "#pk": { S: "p" } } })],
])("no statement expresses %s", (_, write) => {
  expect(statementOf("t", write)).toBeUndefined();
});

test("a statement has at most 8,192 characters", () => {
  const of = (length: number) =>
    statementOf("t", update({ change: { kind: "update", set, remove: ["x".repeat(length)] } }));
  const rest = of(1)!.text.length - 1;
  expect(of(8_192 - rest)?.text).toHaveLength(8_192);
  expect(of(8_193 - rest)).toBeUndefined();
});
