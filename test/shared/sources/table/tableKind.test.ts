import type { DynamoDBClient, ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { sourceKind, sourceKinds } from "../../../../shared/sources/registry";
import type { Sound } from "../../../../shared/sources/source";
import type { TableFacts } from "../../../../shared/sources/table/facts";
import type { TableSpec } from "../../../../shared/sources/table/spec";
import { tableKind } from "../../../../shared/sources/table/tableKind";

const capacity = {
  status: "ACTIVE",
  rcu: 200,
  rcuFrom: "provisioned",
  mostRcu: 300,
  identity: { id: "9c6a" },
} as const;
const facts: TableFacts = {
  ...{ ...capacity, items: 1_000, bytes: 60 * 1024 ** 3 },
  indexes: {
    "by-day": {
      ...{ ...capacity, kind: "global", items: 0, bytes: 0, rcu: 40, mostRcu: 60 },
      identity: { id: "9c6a", index: "x" },
    },
  },
};

test("the table is a kind of source", () => {
  expect(sourceKinds.map(({ kind }) => kind)).toEqual(["table"]);
  expect(sourceKind({ kind: "table" })).toBe(tableKind);
});

describe("a rate as limits", () => {
  test.each<[string, Sound, number | string, object | undefined]>([
    ["of the table", {}, 12.5, { table: 12.5 }],
    ["a share of the table", {}, "50%", { table: 100 }],
    ["of an index", { index: "by-day" }, 7, { table: 7, indexes: { "by-day": 7 } }],
    ["a share of an index", { index: "by-day" }, "25%", { table: 10, indexes: { "by-day": 10 } }],
    ["of an index that is not there", { index: "by-name" }, 7, undefined],
  ])("%s", (_, sound, rate, limits) => expect(tableKind.limits(sound, facts, rate)).toEqual(limits));

  test("there is none of a table that is not there", () => {
    expect(tableKind.limits({}, "missing", 5)).toBeUndefined();
    expect(tableKind.limits({}, "denied", 5)).toBeUndefined();
  });

  test("more than table or index have there is not", () => {
    expect(tableKind.mostPerSecond({}, facts)).toBe(300);
    expect(tableKind.mostPerSecond({ index: "by-day" }, facts)).toBe(60);
    expect(tableKind.mostPerSecond({ index: "by-name" }, facts)).toBeUndefined();
    expect(tableKind.mostPerSecond({}, "missing")).toBeUndefined();
  });
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
    expect(tableKind.plan(sound, facts, { table: rcu })).toMatchObject(plan);
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
    expect(await tableKind.probe(spec, dynamodb)).toEqual([]);
    expect(inputs).toEqual([
      {
        ...{ TableName: "orders", IndexName: "by-day", Limit: 1, ConsistentRead: undefined },
        ...{ FilterExpression: "#a > :a", ProjectionExpression: "#a", ReturnConsumedCapacity: "INDEXES" },
        ...{ ExpressionAttributeNames: { "#a": "amount" }, ExpressionAttributeValues: { ":a": { N: "5" } } },
      },
    ]);
  });

  test.each([["filter"], ["projection"]] as const)(
    "reads for a %s alone too, and for neither not at all",
    async (left) => {
      const { inputs, dynamodb } = client({});
      const { filter, projection, ...neither } = spec;
      await tableKind.probe(
        { ...neither, ...(left === "filter" ? { filter: filter! } : { projection: projection! }) },
        dynamodb,
      );
      expect(inputs).toHaveLength(1);
      expect(await tableKind.probe(neither, dynamodb)).toEqual([]);
      expect(inputs).toHaveLength(1);
    },
  );

  test("says what DynamoDB finds wrong, and passes on what may pass", async () => {
    const invalid = Object.assign(new Error("Syntax error"), { name: "ValidationException" });
    expect(await tableKind.probe(spec, client(invalid).dynamodb)).toEqual([
      "filter, projection, names and values must fit together: Syntax error.",
    ]);
    const throttled = Object.assign(new Error("slow"), { name: "ThrottlingException" });
    await expect(tableKind.probe(spec, client(throttled).dynamodb)).rejects.toBe(throttled);
  });
});

test("a spec has what the request says, and nothing else", () => {
  const request = { table: "orders", segments: "auto", consistentRead: true, readRate: 5, jobId: "a" };
  expect(tableKind.spec(request)).toEqual({ kind: "table", table: "orders", consistentRead: true });
  const expressions = { index: "by-day", filter: "#a > :a", projection: "#a", names: { "#a": "amount" } };
  expect(tableKind.spec({ ...request, ...expressions, values: { ":a": 5 } })).toEqual({
    ...{ kind: "table", table: "orders", consistentRead: true, ...expressions, values: { ":a": { N: "5" } } },
  });
});
