/** Sizes of items, what they cost, and their numbers. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { addNumbers, compareNumbers, plainNumber } from "../../shared/aws/decimal";
import { dynamoJson, revived } from "../../shared/aws/dynamoJson";
import { sameItem } from "../../shared/aws/expressions/sameValue";
import { type Item, itemBytes, numberBytes } from "../../shared/aws/itemSize";
import {
  failedWriteCapacityUnits,
  readCapacityUnits,
  writeCapacityUnits,
} from "../../shared/capacity/metering/capacityUnits";
import type { Json } from "../../shared/json";
import type { TableSchema } from "../../shared/tables/schema";
import { writeConsumption } from "../../shared/tables/writeConsumption";
import { keyText } from "../../shared/writing/keyText";
import { arbitraryItem } from "../shared/aws/expressions/arbitraryConditions";
import { expectGolden, pythonGolden } from "../support/golden";
import { anyItem, itemJson, numberText, sample } from "./arbitraryItems";

const schema: TableSchema = {
  name: "orders",
  keys: ["id"],
  keyTypes: { id: "S", a: "S", b: "N", c: "B" },
  indexes: [
    { name: "all", kind: "global", keys: ["a"], projection: "ALL" },
    { name: "keys", kind: "global", keys: ["b", "a"], projection: [] },
    { name: "local", kind: "local", keys: ["id", "c"], projection: ["name"] },
  ],
};

test("items have these sizes", () => {
  expectGolden(
    "itemSizes",
    sample(anyItem, 150).map((item) => ({ item: itemJson(item), text: dynamoJson(item), bytes: itemBytes(item) })),
  );
});

test("items that the Python package made have the sizes that it found", () => {
  const cases = pythonGolden<{ item: Record<string, Json>; text: string; bytes: number }[]>("itemSizes");
  expect(cases.length).toBeGreaterThan(100);
  for (const { item: expected, text, bytes } of cases) {
    const item = revived(JSON.parse(text));
    expect({ item: itemJson(item), bytes: itemBytes(item) }).toEqual({ item: expected, bytes });
  }
});

test("sizes cost these units", () => {
  const sizes = [0, 1, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 8192, 8193, 409_600];
  expectGolden(
    "units",
    sizes.map((bytes) => ({
      bytes,
      eventual: readCapacityUnits(bytes, "eventual"),
      strong: readCapacityUnits(bytes, "strong"),
      transactional: readCapacityUnits(bytes, "transactional"),
      write: writeCapacityUnits(bytes),
      transactionalWrite: writeCapacityUnits(bytes, true),
      failedOf4097: failedWriteCapacityUnits(4_097, bytes),
    })),
  );
});

test("writes consume these units of a table and its indexes", () => {
  const key = { id: { S: "1" } };
  const padded = fc
    .tuple(arbitraryItem, fc.constantFrom(0, 900, 1_000, 3_000), fc.boolean())
    .map(([item, bytes, there]) => (there ? { ...key, ...item, text: { S: "x".repeat(bytes) } } : undefined));
  const pairs = sample(fc.tuple(padded, padded), 120);
  expectGolden("writeConsumption", {
    schema: { ...schema } as never,
    cases: pairs.map(([before, after]) => ({
      before: before === undefined ? null : itemJson(before),
      after: after === undefined ? null : itemJson(after),
      consumed: { ...writeConsumption(before, after, schema) },
    })),
  });
});

test("numbers have these sizes and texts", () => {
  const numbers = [...new Set(sample(numberText, 300))];
  expectGolden(
    "numbers",
    numbers.map((text) => [text, numberBytes(text), plainNumber(text)]),
  );
});

test("numbers have this order and these sums", () => {
  const near = numberText.chain((text) =>
    fc.tuple(fc.constant(text), fc.oneof(numberText, fc.constant(plainNumber(text)))),
  );
  expectGolden(
    "sums",
    sample(near, 250).map(([a, b]) => [a, b, Math.sign(compareNumbers(a, b)), addNumbers(a, b) ?? null]),
  );
});

test("items are the same, or not", () => {
  const pairs = sample(
    arbitraryItem.chain((item) => fc.tuple(fc.constant(item), fc.oneof(arbitraryItem, fc.constant(respelled(item))))),
    150,
  );
  expectGolden(
    "sameItems",
    pairs.map(([a, b]) => [itemJson(a), itemJson(b), sameItem(a, b)]),
  );
});

/** The same item with its numbers written, and its sets ordered, in another way. */
function respelled(item: Item): Item {
  const changed = Object.entries(item).map(([name, value]) => {
    if (value.N !== undefined) return [name, { N: plainNumber(value.N) }];
    if (value.NS !== undefined) return [name, { NS: value.NS.map(plainNumber).reverse() }];
    if (value.SS !== undefined) return [name, { SS: [...value.SS].reverse() }];
    return [name, value];
  });
  return Object.fromEntries(changed);
}

test("keys are distinguished", () => {
  const part: fc.Arbitrary<AttributeValue> = fc.oneof(
    fc.constantFrom("", "1", "S1:1", "é", "😀").map((S) => ({ S })),
    fc.constantFrom("1", "1.0", "10e-1", "100", "1e2", "0", "-0.0", "-1", "1e-130", "0.5", ".5").map((N) => ({ N })),
    fc.constantFrom([], [1], [1, 0], [255]).map((all) => ({ B: Uint8Array.from(all) })),
  );
  const key: fc.Arbitrary<Item> = fc.oneof(
    fc.record({ a: part }),
    fc.record({ a: part, b: part }),
    fc.record({ b: part, a: part }),
  );
  expectGolden(
    "keys",
    sample(key, 200).map((each) => [itemJson(each), keyText(each)]),
  );
});
