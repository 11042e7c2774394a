import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type TableDescription,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
let client: DynamoDBClient;
beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
  client = new DynamoDBClient(cloud.as());
});
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
});

const make = async (TableName: string) => {
  const { TableDescription } = await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  return TableDescription;
};
const describeTable = async (TableName: string) => (await client.send(new DescribeTableCommand({ TableName }))).Table;
const drop = async (TableName: string) => (await client.send(new DeleteTableCommand({ TableName }))).TableDescription;
const identity = (table: TableDescription | undefined) => [table?.TableId, table?.CreationDateTime?.getTime()];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a table keeps its id and time of creation for life, in every answer that describes it", async () => {
  const since = Date.now();
  const made = await make("orders");
  expect(made?.TableId).toMatch(UUID);
  expect(made?.CreationDateTime?.getTime()).toBeGreaterThanOrEqual(since - 1);
  expect(made?.CreationDateTime?.getTime()).toBeLessThanOrEqual(Date.now());
  expect(identity(await describeTable("orders"))).toEqual(identity(made));
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
  const change = { TableName: "orders", BillingMode: "PROVISIONED", ProvisionedThroughput } as const;
  const { TableDescription: changed } = await client.send(new UpdateTableCommand(change));
  expect(identity(changed)).toEqual(identity(made));
  expect(changed?.ProvisionedThroughput).toMatchObject(ProvisionedThroughput);
  expect(identity(await describeTable("orders"))).toEqual(identity(made));
  expect(identity(await drop("orders"))).toEqual(identity(made));
});

test("a table that is made anew under the same name has another id", async () => {
  const ids = new Set<string | undefined>();
  for (let n = 0; n < 10; n++) {
    await make("again");
    ids.add((await describeTable("again"))?.TableId);
    await drop("again");
  }
  expect(ids.size).toBe(10);
});

test("tables have different ids, including the program's tables", async () => {
  const keys = { hashKey: "pk", attributes: [{ name: "pk", type: "S" }], billingMode: "PAY_PER_REQUEST" };
  const { name = "" } = await cloud.make("aws:dynamodb/table:Table", "jobs", keys);
  const [other, jobs] = [await make("other"), await describeTable(name)];
  expect(jobs?.TableId).toMatch(UUID);
  expect(jobs?.TableId).not.toBe(other?.TableId);
  expect(jobs?.TableArn).toContain(`:dynamodb:eu-west-1:000000000000:table/${name}`);
});

test("an error stays an error", async () => {
  await expect(describeTable("nowhere")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});
