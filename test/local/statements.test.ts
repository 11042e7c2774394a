import {
  BatchExecuteStatementCommand,
  DynamoDBClient,
  ExecuteStatementCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { SmallCloud } from "./smallCloud";

let cloud: SmallCloud;
let jobs: Record<string, string>;
let other: Record<string, string>;
beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
  const keys = { hashKey: "pk", attributes: [{ name: "pk", type: "S" }], billingMode: "PAY_PER_REQUEST" };
  jobs = await cloud.make("aws:dynamodb/table:Table", "jobs", keys);
  other = await cloud.make("aws:dynamodb/table:Table", "other", keys);
  const client = new DynamoDBClient(cloud.as());
  for (const TableName of [jobs.name, other.name]) {
    for (const pk of ["a", "b"]) await client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk } } }));
  }
});
afterAll(() => cloud?.stop());
afterEach(() => {
  cloud.parts.faults.set({ rules: [] });
});

let roles = 0;
async function as(statement: object): Promise<DynamoDBClient> {
  return new DynamoDBClient(cloud.as(await cloud.role(`worker-${roles++}`, [{ Effect: "Allow", ...statement }])));
}
const updates = () => ({ Action: ["dynamodb:PartiQLUpdate"], Resource: jobs.arn });
const update = (table: string | undefined, pk: string) => ({
  Statement: `UPDATE "${table}" SET "q" = 1 WHERE "pk" = ?`,
  Parameters: [{ S: pk }],
});
const batch = (...Statements: object[]) => new BatchExecuteStatementCommand({ Statements: Statements as never });
const codes = async (client: DynamoDBClient, ...statements: object[]) =>
  (await client.send(batch(...statements))).Responses?.map(({ Error: error }) => error?.Code);

describe("permissions", () => {
  test("each statement needs its verb's action on its table; statements without the permission have an error in their place", async () => {
    const client = await as(updates());
    const remove = { Statement: `DELETE FROM "${jobs.name}" WHERE "pk" = 'b'` };
    expect(await codes(client, remove, update(jobs.name, "a"), update(other.name, "a"))).toEqual([
      "AccessDenied",
      undefined,
      "AccessDenied",
    ]);
    expect(await codes(client, remove)).toEqual(["AccessDenied"]);
    const Statement = remove.Statement;
    await expect(client.send(new ExecuteStatementCommand({ Statement }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("dynamodb:PartiQLDelete"),
    });
  });

  test("conditions see the leading keys and the operation around the statement", async () => {
    const leading = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a"] } };
    const client = await as({ ...updates(), Condition: leading });
    expect(await codes(client, update(jobs.name, "a"), update(jobs.name, "b"))).toEqual([undefined, "AccessDenied"]);
    const transactions = { StringEquals: { "dynamodb:EnclosingOperation": "ExecuteTransaction" } };
    expect(await codes(await as({ ...updates(), Condition: transactions }), update(jobs.name, "a"))).toEqual([
      "AccessDenied",
    ]);
  });

  test("a SELECT without the partition key is a full table scan", async () => {
    const Condition = { Bool: { "dynamodb:FullTableScan": "false" } };
    const client = await as({ Action: "dynamodb:PartiQLSelect", Resource: jobs.arn, Condition });
    const select = (rest: string) =>
      client.send(new ExecuteStatementCommand({ Statement: `SELECT * FROM "${jobs.name}"${rest}` }));
    expect((await select(" WHERE pk = 'a'")).Items).toHaveLength(1);
    await expect(select(" WHERE q = 1")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

test("statements are metered by caller, even if nobody asks for consumption", async () => {
  const client = await as(updates());
  const meter = cloud.parts.metering.start();
  await client.send(batch(update(jobs.name, "a"), update(jobs.name, "none"), update(other.name, "a")));
  const { consumption, requests } = meter.stop();
  // The statement without a permission does not reach the table.
  expect(consumption).toEqual([
    { table: jobs.name, caller: expect.stringContaining("worker-"), readUnits: 0, writeUnits: 2 },
  ]);
  expect(requests).toMatchObject([{ service: "dynamodb", operation: "BatchExecuteStatement", calls: 1 }]);
});

test("faults strike batches of statements: throttled before they happen, or lost after", async () => {
  const client = await as(updates());
  const rule = (fault: object) =>
    cloud.parts.faults.set({ rules: [{ service: "dynamodb", resource: jobs.name, count: 1, fault }] });
  rule({ kind: "error", code: "ThrottlingException", status: 400 });
  await expect(client.send(batch(update(jobs.name, "a")))).rejects.toMatchObject({ name: "ThrottlingException" });
  rule({ kind: "lost" });
  const insert = { Statement: `UPDATE "${jobs.name}" SET "lost" = 1 WHERE "pk" = 'b' AND "lost" IS MISSING` };
  await expect(client.send(batch(insert))).rejects.toThrow();
  expect(await codes(client, insert)).toEqual(["ConditionalCheckFailed"]);
});
