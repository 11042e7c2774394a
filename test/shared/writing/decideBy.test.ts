import { decideBy, seenIn } from "../../../shared/writing/decideBy";
import type { UpdateVerdict } from "../../../shared/writing/update/itemUpdate";

const target = { name: "orders", keys: ["pk", "sk"], keyTypes: {}, indexes: [] };
const item = { pk: { S: "a" }, sk: { N: "1" }, status: { S: "open" } };
const decide = (verdict: UpdateVerdict) => decideBy({ verdict: () => verdict }, target);

test("a change is a write under the condition of all that was read, except for keys", () => {
  const verdict = decide({ do: "change", set: { a: { S: "b" } }, remove: ["c"], read: [["status"], ["pk"], ["a"]] });
  expect(verdict(item)).toEqual({
    do: "write",
    write: {
      key: { pk: { S: "a" }, sk: { N: "1" } },
      change: { kind: "update", set: { a: { S: "b" } }, remove: ["c"] },
      seen: [
        { path: ["status"], value: { S: "open" } },
        { path: ["a"], value: undefined },
      ],
    },
  });
});

test("a decision without a write stays unchanged", () => {
  const skipped = { do: "count", outcome: "skipped" } as const;
  expect(decide(skipped)(item)).toBe(skipped);
});

test("an item without its key is a fault of the source", () => {
  const verdict = decide({ do: "change", set: {}, remove: [], read: [] });
  expect(() => verdict({ pk: { S: "a" } })).toThrow(expect.objectContaining({ code: "KEY_MISSING", value: "sk" }));
});

test("a path into a document is seen with the value at its end", () => {
  const document = { ...item, address: { M: { city: { S: "Bern" } } } };
  expect(
    seenIn(
      document,
      [
        ["address", "city"],
        ["address", "street"],
      ],
      target,
    ),
  ).toEqual([
    { path: ["address", "city"], value: { S: "Bern" } },
    { path: ["address", "street"], value: undefined },
  ]);
});
