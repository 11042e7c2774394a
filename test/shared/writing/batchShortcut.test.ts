import { Readable } from "node:stream";
import {
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { capacityPlugin } from "../../../shared/capacity/plugin/capacityPlugin";
import { sendBatchesFast } from "../../../shared/writing/batchShortcut";
import { RecordingGate } from "../capacity/plugin/limitedTables";

interface Sent {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts the request. */
  readonly signal: AbortSignal | undefined;
}

/** DynamoDB's answers, in their order. The last one is repeated. */
type Answer = { readonly status?: number; readonly body: object };

const consumed = { TableName: "t", CapacityUnits: 3, Table: { CapacityUnits: 3 } };
const done: Answer = { body: { Responses: [{ TableName: "t" }], ConsumedCapacity: [consumed] } };
const expired: Answer = { status: 400, body: { __type: "com.amazon.coral#ExpiredTokenException", message: "expired" } };

/** Settings of a client whose requests don't leave the process. */
function recording(sent: Sent[], answers: readonly Answer[] = [done]): DynamoDBClientConfig {
  const handle = async (
    { body, headers }: { body: Uint8Array; headers: Record<string, string> },
    { abortSignal: signal }: { abortSignal?: AbortSignal },
  ) => {
    const answer = answers[Math.min(sent.length, answers.length - 1)]!;
    sent.push({ body: JSON.parse(new TextDecoder().decode(body)), headers, signal });
    const text = Readable.from([Buffer.from(JSON.stringify(answer.body))]);
    return { response: { statusCode: answer.status ?? 200, headers: { "x-amzn-requestid": "an id" }, body: text } };
  };
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return { region: "eu-central-1", credentials, maxAttempts: 1, requestHandler: { handle } as never };
}

const statement = (n: number) =>
  new BatchExecuteStatementCommand({
    Statements: [{ Statement: 'UPDATE "t" SET "a"=? WHERE "id"=?', Parameters: [{ N: `${n}` }, { S: "é" }] }],
    ReturnConsumedCapacity: "INDEXES",
  });
const put = (n: number) =>
  new BatchWriteItemCommand({ RequestItems: { t: [{ PutRequest: { Item: { id: { S: `${n}` } } } }] } });

/** The SDK numbers only requests that went its whole way. */
const wentWholeWay = ({ headers }: Sent) => headers["amz-sdk-invocation-id"] !== undefined;

test("requests on the short way have the content and the headers of the SDK's", async () => {
  const [plain, short]: Sent[][] = [[], []];
  const clients = [new DynamoDBClient(recording(plain!)), sendBatchesFast(new DynamoDBClient(recording(short!)))];
  for (const client of clients) {
    for (let n = 8; n < 12; n++) {
      await client.send(statement(n));
      await client.send(put(n));
    }
  }
  expect(short!.map(wentWholeWay)).toEqual([true, true, false, false, false, false, false, false]);
  expect(short!.map(({ body }) => body)).toEqual(plain!.map(({ body }) => body));
  const ownOfEach = ["authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request"];
  const shared = ({ headers }: Sent) => Object.entries(headers).filter(([name]) => !ownOfEach.includes(name));
  expect(short!.map((sent) => new Map(shared(sent)))).toEqual(plain!.map((sent) => new Map(shared(sent))));
  const signatures = new Set(short!.map(({ headers }) => headers.authorization));
  expect(signatures.size).toBe(8);
});

test("each request passes through the gates once, and is charged", async () => {
  const gate = new RecordingGate();
  const plugin = capacityPlugin(gate, { table: "t", direction: "write" });
  const client = sendBatchesFast(new DynamoDBClient(recording([])), [plugin]);
  for (let n = 0; n < 3; n++) await client.send(statement(n));
  await client.send(new UpdateItemCommand({ TableName: "t", Key: { id: { S: "a" } } })).catch(() => undefined);
  expect(gate.ended).toHaveLength(4);
});

test("after a failure requests go the whole way until one succeeds", async () => {
  const sent: Sent[] = [];
  const client = sendBatchesFast(new DynamoDBClient(recording(sent, [done, expired, expired, done])));
  await client.send(statement(0));
  for (const n of [1, 2]) {
    await expect(client.send(statement(n))).rejects.toMatchObject({ name: "ExpiredTokenException" });
  }
  await client.send(statement(3));
  await client.send(statement(4));
  expect(sent.map(wentWholeWay)).toEqual([true, false, true, true, false]);
});

test("each request is signed with the credentials of its time", async () => {
  const sent: Sent[] = [];
  let key = "old";
  const credentials = async () => ({ accessKeyId: key, secretAccessKey: "local", expiration: new Date(0) });
  const client = sendBatchesFast(new DynamoDBClient({ ...recording(sent), credentials }));
  for (const now of ["old", "old", "new"]) {
    key = now;
    await client.send(statement(1));
  }
  expect(sent.map(wentWholeWay)).toEqual([true, false, false]);
  const keyOf = ({ headers }: Sent) => /Credential=([^/]+)/.exec(headers.authorization!)?.[1];
  expect(sent.map(keyOf)).toEqual(["old", "old", "new"]);
});

test("a request is aborted by its own signal", async () => {
  const sent: Sent[] = [];
  const client = sendBatchesFast(new DynamoDBClient(recording(sent)));
  const [first, second] = [new AbortController().signal, new AbortController().signal];
  for (const abortSignal of [first, first, second, second, undefined]) {
    await client.send(statement(1), abortSignal && { abortSignal });
  }
  expect(sent.map(({ signal }) => signal)).toEqual([first, first, second, second, undefined]);
  expect(sent.map(wentWholeWay)).toEqual([true, false, true, false, true]);
});

test("binary values are left to the SDK", async () => {
  const sent: Sent[] = [];
  const client = sendBatchesFast(new DynamoDBClient(recording(sent)));
  await client.send(statement(1));
  const Parameters = [{ B: new Uint8Array([1, 2]) }];
  await client.send(new BatchExecuteStatementCommand({ Statements: [{ Statement: 'DELETE FROM "t"', Parameters }] }));
  expect(sent[1]!.body).toEqual({ Statements: [{ Statement: 'DELETE FROM "t"', Parameters: [{ B: "AQI=" }] }] });
  expect(sent.map(wentWholeWay)).toEqual([true, true]);
});
