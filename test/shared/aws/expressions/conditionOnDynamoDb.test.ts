import { type AttributeValue, BatchWriteItemCommand, CreateTableCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { parseCondition } from "../../../../shared/aws/expressions/condition";
import { unusedIn } from "../../../../shared/aws/expressions/references";
import type { Item } from "../../../../shared/aws/itemSize";
import { SluiceError } from "../../../../shared/errors";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";
import { arbitraryCondition, arbitraryItem, names } from "./arbitraryConditions";

const TABLE = "conditions";
const REFUSED = "refused";

const bytes = (...all: number[]) => Uint8Array.from(all);
const item: Item = {
  k: { S: "table of cases" },
  s: { S: "abc" },
  s2: { S: "abc" },
  e: { S: "grüße€" },
  em: { S: "😀" },
  emp: { S: "" },
  n: { N: "10" },
  f: { N: "1.50" },
  big: { N: "12345678901234567890123456789012345678" },
  b: { B: bytes(1, 200, 3) },
  t: { BOOL: true },
  z: { NULL: true },
  l: { L: [{ S: "a" }, { N: "1.0" }, { L: [{ N: "2" }] }] },
  m: { M: { x: { N: "1" }, y: { S: "q" }, "a.b": { S: "d" } } },
  ss: { SS: ["a", "b"] },
  ns: { NS: ["1", "2"] },
  bs: { BS: [bytes(1), bytes(2)] },
  "a.b": { S: "dot" },
  ssl: { L: [{ SS: ["a", "b"] }] },
};

/** Used by every case that names them. */
const values: Record<string, AttributeValue> = {
  ":abc": { S: "abc" },
  ":ab": { S: "ab" },
  ":empty": { S: "" },
  ":S": { S: "S" },
  ":X": { S: "X" },
  ":N": { S: "N" },
  ":1": { N: "1" },
  ":one": { N: "1.0" },
  ":2": { N: "2" },
  ":3": { N: "3" },
  ":6": { N: "6" },
  ":ten": { N: "1e1" },
  ":true": { BOOL: true },
  ":null": { NULL: true },
  ":list": { L: [{ S: "a" }, { N: "1" }, { L: [{ N: "2.0" }] }] },
  ":map": { M: { y: { S: "q" }, "a.b": { S: "d" }, x: { N: "1.0" } } },
  ":ba": { SS: ["b", "a"] },
  ":2.1": { NS: ["2.0", "1"] },
  ":bytes": { B: bytes(1, 200) },
  ":200": { B: bytes(200) },
  ":u": { S: "\uffee" },
  ":bigger": { N: "12345678901234567890123456789012345679" },
};
const placeholders = { "#a": "a.b", "#s": "s", "#m": "m", "#1": "n", "#not": "s", "#x_1": "x" };

const cases = [
  ...["s = :abc", "missed = :abc", "missed <> :abc", "NOT missed <> :abc", "missed = missed2", "missed <> missed2"],
  ...["s <> :1", "s < :1", "NOT s < :1", "s < t", "t < t2", "t < :true", "t < :null", "l < :list", "m <= m2", "t <= t"],
  ...["f = :one", "n = :ten", "ss = :ba", "l = :list", "m = :map", "m <> :map", "ssl = l", "contains(ssl, :ba)"],
  ...["big < :bigger", "big = :bigger", "em > :u", "em < :u", "b < :200", "b > :bytes", "s = s", "m.x = m.x"],
  ...["s BETWEEN :ab AND :abc", "s BETWEEN :abc AND :ab", "s BETWEEN :ab AND :1", "n BETWEEN :ab AND :abc"],
  ...["n BETWEEN f AND big", "n BETWEEN missed AND big", "t BETWEEN :true AND :true", ":3 BETWEEN f AND big"],
  ...["s IN (:1, :abc)", "s IN (s2)", "s IN (s)", "s IN (n, s2, s)", "s IN ()", "missed IN (missed2)", "ss IN (:ba)"],
  ...[`s IN (${":abc,".repeat(99)}:abc)`, `s IN (${":abc,".repeat(100)}:abc)`],
  ...["attribute_exists(m.x)", "attribute_exists(l[9])", "attribute_exists(s.x)", "attribute_exists(z)"],
  ...["attribute_exists(:1)", "attribute_exists(size(s))", "attribute_exists(s, n)", "attribute_exists()"],
  ...["attribute_not_exists(m.q.r)", "Attribute_Exists(s)", "attribute_exists (s)", "attribute_exists((s))"],
  ...["attribute_type(s, :S)", "attribute_type(s, :X)", "attribute_type(s, :1)", "attribute_type(s, s2)"],
  ...["attribute_type(size(s), :N)", "attribute_type(:1, :N)", "attribute_type(missed, :N)"],
  ...["begins_with(s, :ab)", "begins_with(s, :empty)", "begins_with(b, :bytes)", "begins_with(s, :1)"],
  ...["begins_with(n, :ab)", "begins_with(:abc, s)", "begins_with(s, s)", "begins_with(s, size(s2))"],
  ...["contains(s, :ab)", "contains(s, :empty)", "contains(n, :1)", "contains(b, :200)", "contains(ss, s)"],
  ...["contains(ns, :one)", "contains(l, :1)", "contains(m, :1)", "contains(ss, :ba)", "contains(s, :true)"],
  ...["contains(ns, size(ss))", "contains(size(s), :3)", "contains(s, s)", "contains(:1, s)", "contains(:abc, s)"],
  ...["size(s) = :3", "size(e) = :6", "size(em) = :1", "size(em) = :2", "size(n) <> :2", "size(n) < :3"],
  ...["size(b) = :3", "size(l) = :3", "size(m) = :3", "size(ss) = :2", "size(bs) = :2", "size(missed) <> :1"],
  ...["size(:abc) = :3", "size(:1) = :3", "size(:null) = :3", "size(s)", "NOT size(s)", "size(s) AND s = s2"],
  ...["size(size(s)) = :1", "size(s) = size(s)", "size(s) IN (:3)", "size(s) BETWEEN :1 AND :3", "size(s, n) = :3"],
  ...["(s = :abc)", "((s = :abc))", "(s) = :abc", "((s)) = :abc", "s = (:abc)", "(m).x = :1", "(m.x) = :1"],
  ...["((s = s2) OR s = :ab)", "(((s = s2)) OR s = :ab)", "((s) = (s2))", "(s = s2) = :true", "((size(s))) = n"],
  ...["NOT (s = s2)", "NOT ((s = s2))", "NOT NOT s = s2", "(NOT (s = s2))", "attribute_exists(s) = :true"],
  ...["s = s2 OR s = s2 AND s = :ab", "NOT s = :ab AND s = s2", "s = :ab Or s = s2 aNd s = s2", "not s = s2"],
  ...[
    "m . x = :1",
    "l [ 1 ] = :1",
    "l[01] = :1",
    "l[1.0] = :1",
    "l[-1] = :1",
    "l[2147483647] = s",
    "l[2147483648] = s",
  ],
  ...["l[2][0] = :2", "m[0] = :1", "l.x = :1", "#a = s", "m.#a = s", "#m.#x_1 = :1", "#m.x = #m.y", "#1 = :ten"],
  ...["#s = s", "#not = :abc", "# s = :abc", ": abc = s", "#nobody = s", "s = :nobody", "_a = s", "1a = s", "a-b = s"],
  ...["contains = :1", "not = :1", "m.not = :1", "in = :1", "name(s)"],
  ...["", " ", "s", "s =", "s = s2 AND", "AND s = s2", ":true", "s s2", "s == s2", "s != s2", "s = 'abc'", "s = 3"],
  ...[
    "s = s2 = s",
    "s<>s2",
    "s< >s2",
    "(s = s2",
    "s = s2)",
    "s BETWEEN :ab",
    "s IN :ab",
    "s NOT IN (:ab)",
    "s IS NULL",
  ],
  ...[
    "s = s2\tAND\n s = s2\r\n",
    "s = s2\u00a0",
    "s = s2\f",
    "s=:abcAND s=s2",
    "s=:abc AND(s=s2)",
    "s BETWEEN:ab AND:abc",
  ],
  ...[Array(32).fill("m").join("."), Array(33).fill("m").join(".")].map((path) => `${path} = s`),
  ...[150, 151].map((n) => Array(n).fill("s = s2").join(" AND ")),
  ...[150, 151].map((n) => Array(n).fill("n BETWEEN f AND big").join(" OR ")),
  ...[100, 101].map((n) => Array(n).fill("size(s) = n").join(" OR ")),
  ...[`${"NOT ".repeat(299)}s = s2`, `${"NOT ".repeat(300)}s = s2`, `${"(".repeat(99)}s=s2${" AND s=s2)".repeat(99)}`],
  ...[`s=s2${" ".repeat(4_092)}`, `s=s2${" ".repeat(4_093)}`, `${"(".repeat(2_000)}s=s2${")".repeat(2_000)}`],
];

/** What of these occurs in the text, as whole words. */
function usedOf<T>(text: string, defined: Readonly<Record<string, T>>): Record<string, T> {
  const used = new Set(text.match(/[:#]\w+/g));
  return Object.fromEntries(Object.entries(defined).filter(([name]) => used.has(name)));
}

describe("conditions on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let items: Item[];

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await local.client.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [{ AttributeName: "k", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "k", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    const random = fc.sample(arbitraryItem, 48).map((rest, i) => ({ ...rest, k: { S: `random ${i}` } }));
    for (const some of [[item, ...random.slice(0, 24)], random.slice(24)]) {
      const RequestItems = { [TABLE]: some.map((Item) => ({ PutRequest: { Item } })) };
      await local.client.send(new BatchWriteItemCommand({ RequestItems }));
    }
    items = (await local.client.send(new ScanCommand({ TableName: TABLE }))).Items!;
  });

  afterAll(() => local?.stop());

  type Answer = string[] | typeof REFUSED;

  /** Keys of the items that DynamoDB Local finds the condition true for. */
  async function asked(
    text: string,
    used: Record<string, AttributeValue>,
    named: Record<string, string>,
  ): Promise<Answer> {
    const scan = new ScanCommand({
      TableName: TABLE,
      FilterExpression: text,
      ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }),
      ...(Object.keys(named).length > 0 && { ExpressionAttributeNames: named }),
    });
    try {
      return keysOf((await local.client.send(scan)).Items!);
    } catch (error) {
      expect(error).toMatchObject({ name: "ValidationException" });
      return REFUSED;
    }
  }

  function evaluated(text: string, used: Record<string, AttributeValue>, named: Record<string, string>): Answer {
    try {
      const condition = parseCondition(text, { names: named, values: used });
      expect(unusedIn({ names: named, values: used }, [condition.used])).toEqual([]);
      return keysOf(items.filter(condition.holds));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      expect(error.code).toBe("INVALID_EXPRESSION");
      return REFUSED;
    }
  }

  function keysOf(found: readonly Item[]): string[] {
    return found.map(({ k }) => k!.S!).sort();
  }

  test.each(cases.map((text) => [text.slice(0, 80), text] as const))(
    "%j is answered as DynamoDB does",
    async (_, text) => {
      const [used, named] = [usedOf(text, values), usedOf(text, placeholders)];
      expect(evaluated(text, used, named)).toEqual(await asked(text, used, named));
    },
  );

  test("any condition is answered as DynamoDB does", async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryCondition, async ({ text, values: used }) => {
        const named = usedOf(text, names);
        expect(evaluated(text, used, named)).toEqual(await asked(text, used, named));
      }),
      { numRuns: 600 },
    );
  });
});
