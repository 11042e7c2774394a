import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { Item } from "../../../shared/aws/itemSize";
import type { ConditionalWrite, ConditionalWriter, Seen } from "../../../shared/writing/conditionalWrite";
import { ItemWriter } from "../../../shared/writing/itemWriter";
import { writerOf } from "../../../shared/writing/writerOf";
import type { DynamoDbLocal } from "../../support/dynamoDbLocal";
import { bothWriters, get, keyOf, optionsFor, put, startGround } from "./writersGround";

let local: DynamoDbLocal;
let client: DynamoDBClient;
let writers: Record<"statements" | "items", ConditionalWriter>;

beforeAll(async () => {
  local = await startGround();
  client = local.client;
  writers = bothWriters(client);
});
afterAll(() => local?.stop());

const bytes = (...values: number[]) => new Uint8Array(values);

/** Different values of all types. */
const values: AttributeValue[] = [
  { S: "a" },
  { S: "" },
  { N: "1" },
  { N: "12345678901234567890123456789012345678" },
  { B: bytes(1, 255) },
  { BOOL: true },
  { BOOL: false },
  { NULL: true },
  { L: [] },
  { L: [{ S: "a" }, { NULL: true }] },
  { M: {} },
  { M: { a: { S: "x" }, n: { B: bytes(7) } } },
  { SS: ["a", "b"] },
  { NS: ["1", "2"] },
  { BS: [bytes(1)] },
];
const text = (value: object) => JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? [...v] : v));

let count = 0;
/** An item of its own, with these attributes. */
async function stored(attributes: Item): Promise<{ id: string; item: Item }> {
  const id = `item-${count++}`;
  const item = { ...keyOf(id), ...attributes };
  await put(client, item);
  return { id, item };
}

const updateOf = (id: string, seen: readonly Seen[], set: Item = { new: { S: "x" } }): ConditionalWrite => {
  return { key: keyOf(id), change: { kind: "update", set, remove: [] }, seen };
};

describe.each(["statements", "items"] as const)("written as %s", (way) => {
  const write = async (each: ConditionalWrite) => (await writers[way].write([each]))[0];

  test("an update sets and removes, values of all types", async () => {
    const { id, item } = await stored({ old: { S: "1" }, kept: { S: "2" } });
    const set = Object.fromEntries(values.map((value, n) => [`a${n}`, value]));
    const change = { kind: "update", set, remove: ["old", "not there"] } as const;
    expect(await write({ key: keyOf(id), change, seen: [] })).toEqual({ end: "written" });
    const { old: _, ...rest } = item;
    expect(await get(client, id)).toEqual({ ...rest, ...set });
  });

  test.each(values.map((value) => [text(value), value]))("%s equals itself only", async (_, value) => {
    const { id, item } = await stored({ v: value });
    const all = values.map((each) => updateOf(id, [{ path: ["v"], value: each }]));
    for (const [n, each] of all.entries()) {
      const answer = await write(each);
      if (text(values[n]!) === text(value)) expect(answer).toEqual({ end: "written" });
      else expect(answer).toMatchObject({ end: "refused", item });
    }
  });

  test("a set equals the same set in another order, and a number the same number", async () => {
    const { id } = await stored({ s: { SS: ["a", "b"] }, n: { N: "1" } });
    const seen = [
      { path: ["s"], value: { SS: ["b", "a"] } },
      { path: ["n"], value: { N: "1.0" } },
    ] as const;
    expect(await write(updateOf(id, seen as unknown as Seen[]))).toEqual({ end: "written" });
  });

  test("an attribute that wasn't there must still be missing, and NULL counts as there", async () => {
    const { id, item } = await stored({ v: { NULL: true } });
    expect(await write(updateOf(id, [{ path: ["v"], value: undefined }]))).toEqual({ end: "refused", item });
    expect(await write(updateOf(id, [{ path: ["w"], value: undefined }]))).toEqual({ end: "written" });
    expect(await write(updateOf(id, [{ path: ["w"], value: { NULL: true } }]))).toMatchObject({ end: "refused" });
  });

  test.each<[string, Seen, boolean]>([
    ["a value", { path: ["m", "x.y", 1, 'z"'], value: { N: "5" } }, true],
    ["another value", { path: ["m", "x.y", 1, 'z"'], value: { N: "6" } }, false],
    ["nothing in a map", { path: ["m", "no"], value: undefined }, true],
    ["nothing behind the end of a list", { path: ["m", "x.y", 2], value: undefined }, true],
    ["nothing within a missing value", { path: ["no", "x", 0], value: undefined }, true],
    ["nothing within a value that is not a map", { path: ["s", "x"], value: undefined }, true],
    ["nothing where a value exists", { path: ["m", "x.y", 0], value: undefined }, false],
  ])("within a document: %s", async (_, seen, holds) => {
    const document = { M: { "x.y": { L: [{ S: "q" }, { M: { 'z"': { N: "5" } } }] } } };
    const { id } = await stored({ m: document, s: { S: "text" } });
    expect((await write(updateOf(id, [seen])))?.end).toBe(holds ? "written" : "refused");
  });

  test("all conditions must hold", async () => {
    const { id, item } = await stored({ a: { S: "1" }, b: { S: "2" } });
    const seen: Seen[] = [
      { path: ["a"], value: { S: "1" } },
      { path: ["b"], value: { S: "3" } },
    ];
    expect(await write(updateOf(id, seen))).toEqual({ end: "refused", item });
    expect(await get(client, id)).toEqual(item);
  });

  test.each<[string, readonly Seen[]]>([
    ["no condition", []],
    ["a value", [{ path: ["a"], value: { S: "1" } }]],
    ["nothing", [{ path: ["a"], value: undefined }]],
  ])("an update never makes an item: if %s was seen, it is refused without an item", async (_, seen) => {
    const id = `never-${count++}`;
    expect(await write(updateOf(id, seen))).toEqual({ end: "refused", item: undefined });
    expect(await get(client, id)).toBeUndefined();
  });

  describe("a delete", () => {
    const deleteOf = (id: string, seen: readonly Seen[]): ConditionalWrite => {
      return { key: keyOf(id), change: { kind: "delete" }, seen };
    };

    test.each<[string, readonly Seen[]]>([
      ["on no condition", []],
      ["on a value", [{ path: ["a"], value: { S: "1" } }]],
      ["on nothing", [{ path: ["b"], value: undefined }]],
    ])("%s deletes the item, and is refused once there is none", async (_, seen) => {
      const { id, item } = await stored({ a: { S: "1" } });
      expect(await write(deleteOf(id, seen))).toEqual({ end: "written", deleted: item });
      expect(await get(client, id)).toBeUndefined();
      expect(await write(deleteOf(id, seen))).toEqual({ end: "refused", item: undefined });
    });

    test("is refused with the item if the item was changed", async () => {
      const { id, item } = await stored({ a: { S: "1" } });
      expect(await write(deleteOf(id, [{ path: ["a"], value: { S: "2" } }]))).toEqual({ end: "refused", item });
      expect(await get(client, id)).toEqual(item);
    });
  });

  test("a put is refused with the item that is there", async () => {
    const id = `put-${count++}`;
    const putOf = (v: string): ConditionalWrite => {
      return { key: keyOf(id), change: { kind: "put", item: { ...keyOf(id), v: { S: v } } }, seen: [] };
    };
    expect(await write(putOf("1"))).toEqual({ end: "written" });
    expect(await write(putOf("2"))).toEqual({ end: "refused", item: { ...keyOf(id), v: { S: "1" } } });
  });

  test("an update that changes nothing is written if its conditions hold", async () => {
    const { id } = await stored({ a: { S: "1" } });
    const none = (value: AttributeValue): ConditionalWrite => {
      return { key: keyOf(id), change: { kind: "update", set: {}, remove: [] }, seen: [{ path: ["a"], value }] };
    };
    expect(await write(none({ S: "1" }))).toEqual({ end: "written" });
    expect(await write(none({ S: "2" }))).toMatchObject({ end: "refused" });
  });

  test.each<[string, Item]>([
    ["sets a key attribute", { select: { S: "other" } }],
    ["makes the item too large", { large: { S: "x".repeat(410_000) } }],
    ["has a number of too many digits", { n: { N: "123456789012345678901234567890123456789012" } }],
  ])("an update that %s fails, but not the others of its batch", async (_, set) => {
    const [bad, good] = [await stored({}), await stored({})];
    const [failed, written] = await writers[way].write([updateOf(bad.id, [], set), updateOf(good.id, [])]);
    expect(failed).toEqual({
      end: "failed",
      code: "ValidationException",
      reason: expect.stringMatching(/.+/),
      attempts: expect.any(Number),
    });
    expect(written).toEqual({ end: "written" });
    expect(await get(client, bad.id)).toEqual(bad.item);
  });

  test("if the same key comes twice, one write wins", async () => {
    const { id } = await stored({ v: { N: "0" } });
    const writes = ["1", "2"].map((n) => updateOf(id, [{ path: ["v"], value: { N: "0" } }], { v: { N: n } }));
    const ends = (await writers[way].write(writes)).map(({ end }) => end);
    expect(ends.sort()).toEqual(["refused", "written"]);
  });

  test("the answers have the order of the writes", async () => {
    const all = await Promise.all(Array.from({ length: 60 }, (_, n) => stored({ v: { N: String(n % 3) } })));
    const answers = await writers[way].write(all.map(({ id }) => updateOf(id, [{ path: ["v"], value: { N: "1" } }])));
    expect(answers.map(({ end }) => end)).toEqual(all.map((_, n) => (n % 3 === 1 ? "written" : "refused")));
  });

  test("a table that is not there concerns all writes", async () => {
    const options = optionsFor(client);
    const writer = way === "items" ? new ItemWriter("nowhere", options) : writerOf("nowhere", options);
    await expect(writer.write([updateOf("a", [])])).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

test("names of any kind mean the same in both ways of writing", async () => {
  const odd = ["select", "a.b", 'a"b', '"', '""', "a'b", "a\\b", " ", "--x", "/*x*/", "?", "#a", ":a", "[0]", "a[0]"];
  const name = fc.oneof(
    fc.constantFrom(...odd, "null", "missing", "é漢🎉", "x\ny", "`x`", "$", "constructor", "Select"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('"', ".", "#", ":", "[", "]", "'", "a"), minLength: 1, maxLength: 6 }),
  );
  const names = fc.uniqueArray(name, { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(names, fc.boolean(), async ([set = "", seen = "", remove = ""], holds) => {
      fc.pre(![set, seen, remove].some((each) => each === 'p."k' || each === "select"));
      const states: unknown[] = [];
      for (const way of ["statements", "items"] as const) {
        const before = { [seen]: { M: { [set]: { S: "old" } } }, [remove]: { S: "r" } };
        const { id } = await stored(before);
        const write: ConditionalWrite = {
          key: keyOf(id),
          change: { kind: "update", set: { [set]: { S: "new" } }, remove: [remove] },
          seen: [
            { path: [seen, set], value: { S: holds ? "old" : "other" } },
            { path: [set], value: undefined },
          ],
        };
        const [answer] = await writers[way].write([write]);
        const { 'p."k': _, ...after } = (await get(client, id)) ?? {};
        states.push([answer?.end, after]);
        expect(answer?.end).toBe(holds ? "written" : "refused");
      }
      expect(states[0]).toEqual(states[1]);
    }),
    { numRuns: 150 },
  );
});
