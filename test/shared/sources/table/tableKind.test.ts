import type { DynamoDBClient, ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { sourceKind, sourceKinds } from "../../../../shared/sources/registry";
import type { Sound } from "../../../../shared/sources/source";
import type { TableSpec } from "../../../../shared/sources/table/spec";
import { tableKind } from "../../../../shared/sources/table/tableKind";
import type { TableFacts } from "../../../../shared/tables/facts";

const capacity = {
  status: "ACTIVE",
  read: { perSecond: 200, from: "provisioned", most: 300 },
  write: { perSecond: 100, from: "provisioned", most: 100 },
  identity: { id: "9c6a" },
} as const;
const table: TableFacts = {
  schema: { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes: [] },
  ...{ ...capacity, items: 1_000, bytes: 60 * 1024 ** 3 },
  indexes: {
    "by-day": {
      ...{ ...capacity, kind: "global", items: 0, bytes: 0 },
      read: { perSecond: 40, from: "provisioned", most: 60 },
      identity: { id: "9c6a", index: "x" },
    },
  },
};

const ground = { table, facts: undefined, needsItems: true };

test("the table is one of the kinds of sources", () => {
  expect(sourceKinds.map(({ kind }) => kind)).toEqual(["table", "export", "keys", "records"]);
  expect(sourceKind({ kind: "table" })).toBe(tableKind);
});

test("reading consumes the capacity of the table, or of the index that is named", () => {
  expect(tableKind.reads({}, ground)).toEqual({});
  expect(tableKind.reads({ index: "by-day" }, ground)).toEqual({ index: "by-day" });
});

describe("a plan", () => {
  test.each<[string, Sound, number, object]>([
    [
      "as many segments as asked for",
      { segments: 7 },
      100,
      { units: 7, estimate: { items: 1_000, bytes: 60 * 1024 ** 3 } },
    ],
    ["by size", { segments: "auto" }, 100, { units: 30, identity: { id: "9c6a" } }],
    ["by rate", { segments: "auto" }, 5_000, { units: 260 }],
    [
      "of an index whose size is not known, by rate",
      { segments: "auto", index: "by-day" },
      600,
      { units: 40, estimate: { items: 0, bytes: 0 }, identity: { id: "9c6a", index: "x" } },
    ],
  ])("%s", (_, sound, rcu, plan) => {
    expect(tableKind.plan(sound, ground, { table: rcu })).toMatchObject(plan);
  });
});

describe("the probe", () => {
  const spec: TableSpec = {
    ...{ kind: "table", table: "orders", index: "by-day", consistentRead: false, filter: "#a > :a", projection: "#a" },
    ...{ names: { "#a": "amount" }, values: { ":a": { N: "5" } } },
  };
  function client(answer: Error | object) {
    const inputs: ScanCommandInput[] = [];
    const send = async ({ input }: { input: ScanCommandInput }) => {
      inputs.push(input);
      if (answer instanceof Error) throw answer;
      return answer;
    };
    return { inputs, dynamodb: { send } as unknown as DynamoDBClient };
  }

  test("reads one item", async () => {
    const { inputs, dynamodb } = client({});
    expect(await tableKind.probe!(spec, dynamodb)).toEqual([]);
    expect(inputs).toEqual([
      {
        ...{ TableName: "orders", IndexName: "by-day", Limit: 1, ConsistentRead: undefined },
        ...{ FilterExpression: "#a > :a", ProjectionExpression: "#a", ReturnConsumedCapacity: "INDEXES" },
        ...{ ExpressionAttributeNames: { "#a": "amount" }, ExpressionAttributeValues: { ":a": { N: "5" } } },
      },
    ]);
  });

  test.each([["filter"], ["projection"]] as const)(
    "reads for a %s by itself, too, and not at all if there is neither",
    async (left) => {
      const { inputs, dynamodb } = client({});
      const { filter, projection, ...neither } = spec;
      await tableKind.probe!(
        { ...neither, ...(left === "filter" ? { filter: filter! } : { projection: projection! }) },
        dynamodb,
      );
      expect(inputs).toHaveLength(1);
      expect(await tableKind.probe!(neither, dynamodb)).toEqual([]);
      expect(inputs).toHaveLength(1);
    },
  );

  test("reports problems that DynamoDB finds, and passes on transient errors", async () => {
    const invalid = Object.assign(new Error("Syntax error"), { name: "ValidationException" });
    expect(await tableKind.probe!(spec, client(invalid).dynamodb)).toEqual([
      "filter, projection, names and values must fit together: Syntax error.",
    ]);
    const throttled = Object.assign(new Error("slow"), { name: "ThrottlingException" });
    await expect(tableKind.probe!(spec, client(throttled).dynamodb)).rejects.toBe(throttled);
  });
});

test("a spec has only the request's options", () => {
  const request = { table: "orders", segments: "auto", consistentRead: true, readRate: 5, jobId: "a" };
  expect(tableKind.spec(request, ground)).toEqual({ kind: "table", table: "orders", consistentRead: true });
  const expressions = { index: "by-day", filter: "#a > :a", projection: "#a", names: { "#a": "amount" } };
  expect(tableKind.spec({ ...request, ...expressions, values: { ":a": 5 } }, ground)).toEqual({
    ...{ kind: "table", table: "orders", consistentRead: true, ...expressions, values: { ":a": { N: "5" } } },
  });
});
