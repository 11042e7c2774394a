import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { SmallCloud, until } from "./smallCloud";

let cloud: SmallCloud;
let jobs: Record<string, string>;
let other: Record<string, string>;
beforeAll(async () => {
  cloud = await SmallCloud.start({ database: true });
  const keys = {
    hashKey: "pk",
    rangeKey: "sk",
    attributes: [
      { name: "pk", type: "S" },
      { name: "sk", type: "S" },
    ],
    billingMode: "PAY_PER_REQUEST",
    pointInTimeRecovery: { enabled: true },
    deletionProtectionEnabled: true,
  };
  jobs = await cloud.make("aws:dynamodb/table:Table", "jobs", {
    ...keys,
    ttl: { attributeName: "expiresAt", enabled: true },
  });
  other = await cloud.make("aws:dynamodb/table:Table", "other", keys);
});
afterAll(() => cloud?.stop());
afterEach(() => {
  cloud.errors.length = 0;
});

const ACTIONS = [
  ...["GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem", "Query", "Scan"],
  ...["BatchGetItem", "BatchWriteItem", "DescribeTable"],
].map((action) => `dynamodb:${action}`);

let roles = 0;
/** A client with a role that may do these things to the jobs table and nothing else. */
async function limitedTo(actions: readonly string[]): Promise<DynamoDBClient> {
  const statement = { Effect: "Allow", Action: actions, Resource: jobs.arn };
  return new DynamoDBClient(cloud.as(await cloud.role(`worker-${roles++}`, [statement])));
}

const key = (sk: string) => ({ pk: { S: "job" }, sk: { S: sk } });
const onlyNew = {
  ConditionExpression: "attribute_not_exists(pk)",
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
} as const;

/** Calls about a table. Each needs the action of the same name. */
const CALLS: [string, (client: DynamoDBClient, TableName: string | undefined) => Promise<unknown>][] = [
  ["DescribeTable", (client, TableName) => client.send(new DescribeTableCommand({ TableName }))],
  ["Scan", (client, TableName) => client.send(new ScanCommand({ TableName, Segment: 1, TotalSegments: 4 }))],
  [
    "Query",
    (client, TableName) =>
      client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
          ExpressionAttributeValues: { ":pk": { S: "job" }, ":sk": { S: "unit" } },
        }),
      ),
  ],
  [
    "BatchGetItem",
    (client, TableName = "") =>
      client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key("a"), key("b")] } } })),
  ],
  [
    "BatchWriteItem",
    (client, TableName = "") =>
      client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: key("c") } }] } })),
  ],
  [
    "ConditionCheckItem",
    (client, TableName) =>
      client.send(
        new TransactWriteItemsCommand({
          TransactItems: [{ ConditionCheck: { TableName, Key: key("none"), ...onlyNew } }],
        }),
      ),
  ],
  [
    "GetItem",
    (client, TableName) => client.send(new GetItemCommand({ TableName, Key: key("a"), ConsistentRead: true })),
  ],
  ["DeleteItem", (client, TableName) => client.send(new DeleteItemCommand({ TableName, Key: key("none") }))],
  ["PutItem", (client, TableName) => client.send(new PutItemCommand({ TableName, Item: key("d") }))],
  [
    "UpdateItem",
    (client, TableName) =>
      client.send(new UpdateItemCommand({ TableName, Key: key("a"), UpdateExpression: "REMOVE x" })),
  ],
];

describe.each(CALLS)("%s", (action, send) => {
  test("is answered if the role may do just that, on that table", async () => {
    await send(await limitedTo([`dynamodb:${action}`]), jobs.name);
    expect(cloud.errors).toEqual([]);
  });

  test("is refused on another table, and if the role may do everything else", async () => {
    const others = ACTIONS.filter((each) => each !== `dynamodb:${action}`);
    for (const refused of [send(await limitedTo(ACTIONS), other.name), send(await limitedTo(others), jobs.name)]) {
      await expect(refused).rejects.toMatchObject({
        name: "AccessDeniedException",
        message: expect.stringContaining(`dynamodb:${action}`),
      });
    }
  });
});

test("a table has the keys and the time to live that the program gives it", async () => {
  const client = new DynamoDBClient(cloud.as());
  const { Table } = await client.send(new DescribeTableCommand({ TableName: jobs.name }));
  expect(Table).toMatchObject({
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
    TableArn: jobs.arn,
  });
  const timeToLive = (TableName: string | undefined) => client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(await timeToLive(jobs.name)).toMatchObject({
    TimeToLiveDescription: { AttributeName: "expiresAt", TimeToLiveStatus: "ENABLED" },
  });
  expect(await timeToLive(other.name)).toMatchObject({ TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } });
});

describe("a failed condition returns the item that it met", () => {
  const item = { ...key("lease"), owner: { S: "me" } };

  test("of one item", async () => {
    const client = await limitedTo(ACTIONS);
    await client.send(new PutItemCommand({ TableName: jobs.name, Item: item }));
    const error: unknown = await client
      .send(new PutItemCommand({ TableName: jobs.name, Item: item, ...onlyNew }))
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: item });
  });

  test("of a part of a transaction, and the other parts have no effect", async () => {
    const client = await limitedTo(ACTIONS);
    await client.send(new PutItemCommand({ TableName: jobs.name, Item: item }));
    const TransactItems = [
      { Put: { TableName: jobs.name, Item: key("never") } },
      { Put: { TableName: jobs.name, Item: item, ...onlyNew } },
    ];
    const error: unknown = await client
      .send(new TransactWriteItemsCommand({ TransactItems }))
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(TransactionCanceledException);
    expect(error).toMatchObject({
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed", Item: item }],
    });
    expect((await client.send(new GetItemCommand({ TableName: jobs.name, Key: key("never") }))).Item).toBeUndefined();
  });
});

test("a table may be named by its ARN", async () => {
  const client = await limitedTo(ACTIONS);
  expect(await client.send(new GetItemCommand({ TableName: jobs.arn, Key: key("none") }))).not.toHaveProperty("Item");
});

test("an expired item is deleted, sooner than on AWS", async () => {
  const client = await limitedTo(ACTIONS);
  const seconds = Math.floor(Date.now() / 1000);
  const Item = (sk: string, at: number) => ({ ...key(sk), expiresAt: { N: String(at) } });
  await client.send(new PutItemCommand({ TableName: jobs.name, Item: Item("expired", seconds - 60) }));
  await client.send(new PutItemCommand({ TableName: jobs.name, Item: Item("kept", seconds + 600) }));
  const isThere = async (sk: string) =>
    (await client.send(new GetItemCommand({ TableName: jobs.name, Key: key(sk) }))).Item !== undefined;
  // DynamoDB Local looks every ten seconds or so.
  await until(async () => !(await isThere("expired")));
  expect(await isThere("kept")).toBe(true);
});

test("a time to live without an attribute is refused", async () => {
  const inputs = { hashKey: "pk", attributes: [{ name: "pk", type: "S" }], ttl: { enabled: true } };
  await expect(cloud.make("aws:dynamodb/table:Table", "wrong", inputs)).rejects.toMatchObject({
    code: "INPUT_NOT_HONOURED",
  });
});

test("a refusal for a table that is not there gives no advice about policies", async () => {
  const client = await limitedTo(["dynamodb:GetItem"]);
  for (const TableName of ["jobz", `${jobs.arn}z`, String(other.name)]) {
    await expect(client.send(new GetItemCommand({ TableName, Key: key("1") }))).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  }
  const [mistyped, byArn, forbidden] = cloud.errors.map((error) => (error as Error).message);
  expect(mistyped).toMatch(/table\/jobz because no identity-based policy .* action\. There is no such table\.$/);
  expect(byArn).toMatch(/There is no such table\.$/);
  expect(forbidden).toContain("its policy needs the statement");
  const refused = cloud.report().roles.flatMap((role) => role.refused);
  expect(refused.find(({ resource }) => resource.endsWith("table/jobz"))).not.toHaveProperty("missing");
});
