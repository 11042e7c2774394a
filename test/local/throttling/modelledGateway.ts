import { CreateTableCommand, DynamoDBClient, PutItemCommand, type PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import { BorrowedDatabase } from "../../../local/backends/borrowedDatabase";
import { administration } from "../../../local/gateway/administration";
import { awsError } from "../../../local/gateway/errors";
import { type Backend, Gateway } from "../../../local/gateway/gateway";
import { Principals } from "../../../local/gateway/principals";
import { capacityRoutes } from "../../../local/gateway/throttling/routes";
import { Throttling } from "../../../local/gateway/throttling/throttling";
import { systemClock } from "../../../shared/clock";
import { ManualClock } from "./manualClock";

export const REGION = "eu-west-1";
export const ACCOUNT_ID = "000000000000";

/** DynamoDB Local behind the capacity model and a real gateway, with an SDK client that does not retry. */
export interface ModelledGateway {
  clock: ManualClock;
  throttling: Throttling;
  client: DynamoDBClient;
  /** An administrative request, as the administrator or with other credentials. */
  administer(route: string, body?: unknown, credentials?: string): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

export async function modelledGateway(): Promise<ModelledGateway> {
  const dynamodb = await BorrowedDatabase.borrow();
  const clock = new ManualClock();
  const throttling = new Throttling({
    send: (request) => dynamodb.send(request),
    clock,
    region: REGION,
    accountId: ACCOUNT_ID,
  });
  const principals = new Principals();
  const { accessKeyId, secretAccessKey } = principals.issue({ kind: "administrator" });
  const credentials = { accessKeyId, secretAccessKey };
  const none: Backend = async ({ service }) => awsError(service, 501, "NotImplemented", "Not in this test.");
  const gateway = new Gateway({
    principals,
    clock: systemClock,
    backends: { dynamodb: (call) => throttling.handle(call), sqs: none, s3: none, sts: none, "cognito-identity": none },
    stages: [],
    administration: administration(credentials, capacityRoutes(throttling)),
  });
  const endpoint = `http://127.0.0.1:${await gateway.listen(0)}`;
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  return {
    clock,
    throttling,
    client,
    async administer(route, body, login = `${accessKeyId}:${secretAccessKey}`) {
      const [method = "", path = ""] = route.split(" ");
      const response = await fetch(`${endpoint}${path}`, {
        method,
        headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text };
    },
    async stop() {
      client.destroy();
      await gateway.close();
      await dynamodb.stop();
    },
  };
}

/** A table with the key `pk` and a global secondary index `byGroup` that projects everything. */
export function createTable({ client }: ModelledGateway, TableName: string) {
  const string = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  return client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      AttributeDefinitions: [string("pk"), string("group")],
      GlobalSecondaryIndexes: [
        {
          IndexName: "byGroup",
          KeySchema: [{ AttributeName: "group", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
}

export const key = (pk: string) => ({ pk: { S: pk } });
export const text = (length: number) => ({ S: "x".repeat(length) });

/** Puts an item with this key and the given attributes. */
export function putItem(
  { client }: ModelledGateway,
  table: string,
  pk: string,
  more: Partial<PutItemCommandInput> = {},
) {
  return client.send(new PutItemCommand({ TableName: table, ...more, Item: { ...key(pk), ...more.Item } }));
}

/** The error with which the work fails; undefined if it succeeds. */
export function failure(promise: Promise<unknown>): Promise<Error | undefined> {
  return promise.then(
    () => undefined,
    (error: Error) => error,
  );
}

/** Recorded units of the table or of an index. */
export function recorded({ throttling }: ModelledGateway, table: string, kind: "rcu" | "wcu", index?: string): number {
  const { consumption, indexes } = throttling.consumption(table);
  return (index === undefined ? consumption : (indexes[index] ?? [])).reduce((sum, slot) => sum + slot[kind], 0);
}

/** Provisioned capacity that starts with the unused capacity of one second. */
export function provision(
  { throttling }: ModelledGateway,
  table: string,
  { rcu = 1, wcu = 1, credit = 1, index = 1_000, partitions = 1 },
) {
  const indexes = { byGroup: { rcu: index, wcu: index } };
  return throttling.set({ table, mode: "provisioned", rcu, wcu, credit, indexes, partitions });
}
