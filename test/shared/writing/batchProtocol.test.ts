import { Readable } from "node:stream";
import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { createTable } from "../../../local/fillTable";
import type { Item } from "../../../shared/aws/itemSize";
import { speakBatchesFast } from "../../../shared/writing/batchProtocol";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const plainly = (client: DynamoDBClient) => client;
const fast = (client: DynamoDBClient) => {
  speakBatchesFast(client);
  return client;
};
const bytes = (...values: number[]) => new Uint8Array(values);

/** A client whose requests don't leave the process. Each gets the same answer. */
function recording(make: (client: DynamoDBClient) => DynamoDBClient, answer: object) {
  const bodies: unknown[] = [];
  const headers: Record<string, string>[] = [];
  const handle = async (request: { body: Uint8Array; headers: Record<string, string> }) => {
    bodies.push(JSON.parse(new TextDecoder().decode(request.body)));
    headers.push(request.headers);
    const body = Readable.from([Buffer.from(JSON.stringify(answer))]);
    return { response: { statusCode: 200, headers: { "x-amzn-requestid": "some id" }, body } };
  };
  const requestHandler = { handle } as never;
  const client = make(new DynamoDBClient({ region: "eu-central-1", credentials, requestHandler }));
  return { client, bodies, headers };
}

const value: fc.Arbitrary<AttributeValue> = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "grapheme" }).map((S): AttributeValue => ({ S })),
    fc.integer().map((n): AttributeValue => ({ N: String(n) })),
    fc.constantFrom<AttributeValue>({ BOOL: true }, { NULL: true }, { SS: ["a", "é"] }, { NS: ["1"] }, { L: [] }),
    fc.uint8Array({ maxLength: 5 }).map((B): AttributeValue => ({ B })),
    fc.uint8Array({ minLength: 1, maxLength: 5 }).map((B): AttributeValue => ({ BS: [B] })),
    fc.array(tie("value"), { maxLength: 3 }).map((L): AttributeValue => ({ L })),
    fc
      .dictionary(fc.constantFrom("B", "BS", "S", "x"), tie("value"), { noNullPrototype: true })
      .map((M): AttributeValue => ({ M })),
  ),
})).value;

test("requests have the content and the headers of the SDK's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 4 }), async (values) => {
      const [plain, quick] = [plainly, fast].map((make) => recording(make, {}));
      const Item = Object.fromEntries(values.map((each, n) => [`a${n}`, each]));
      for (const { client } of [plain!, quick!]) {
        const statement = { Statement: 'UPDATE "t"', Parameters: values };
        const asked = { ReturnValuesOnConditionCheckFailure: "ALL_OLD", ConsistentRead: undefined } as const;
        const Statements = [{ ...statement, ...asked }, { Statement: "DELETE" }];
        await client.send(new BatchExecuteStatementCommand({ Statements, ReturnConsumedCapacity: "INDEXES" }));
        const requests = [{ PutRequest: { Item } }, { DeleteRequest: { Key: Item } }];
        await client.send(new BatchWriteItemCommand({ RequestItems: { t: requests } }));
      }
      expect(quick!.bodies).toEqual(plain!.bodies);
      const kinds = ({ headers }: NonNullable<typeof quick>) =>
        headers.map((each) => [each["x-amz-target"], each["content-type"], each["content-length"]]);
      expect(kinds(quick!)).toEqual(kinds(plain!));
    }),
    { numRuns: 60 },
  );
});

test("responses are read as the SDK reads them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 4 }), async (values) => {
      const item = JSON.parse(
        JSON.stringify(Object.fromEntries(values.map((each, n) => [`a${n}`, each])), (_, each) =>
          each instanceof Uint8Array ? Buffer.from(each).toString("base64") : each,
        ),
      ) as Item;
      const Responses = [{ TableName: "t" }, { Item: item }, { Error: { Code: "ConditionalCheckFailed", Item: item } }];
      const ConsumedCapacity = [{ TableName: "t", CapacityUnits: 1.5, Table: { CapacityUnits: 1.5 } }];
      const UnprocessedItems = { t: [{ PutRequest: { Item: item } }, { DeleteRequest: { Key: item } }] };
      const outputs = await Promise.all(
        [plainly, fast].map(async (make) => {
          const statements = recording(make, { Responses, ConsumedCapacity }).client;
          const writes = recording(make, { UnprocessedItems }).client;
          const input: BatchWriteItemCommandInput = {
            RequestItems: { t: [{ DeleteRequest: { Key: { a: { S: "" } } } }] },
          };
          return [
            await statements.send(new BatchExecuteStatementCommand({ Statements: [{ Statement: "DELETE" }] })),
            await writes.send(new BatchWriteItemCommand(input)),
          ].map(({ $metadata, ...output }) => ({ ...output, id: $metadata.requestId }));
        }),
      );
      expect(outputs[1]).toStrictEqual(outputs[0]);
    }),
    { numRuns: 60 },
  );
});

describe("on DynamoDB Local", () => {
  let local: DynamoDbLocal;
  let client: DynamoDBClient;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await createTable(local.client, "items");
    const { endpoint } = local;
    client = fast(new DynamoDBClient({ endpoint, region: "eu-central-1", credentials, maxAttempts: 1 }));
  });
  afterAll(async () => {
    client?.destroy();
    await local?.stop();
  });

  const Key = { id: { S: "grüße" } };

  test.each([{ S: "text 🎉" }, { B: bytes(0, 255) }])(
    "%j is written, and comes back if a condition fails",
    async (v) => {
      const Item = { ...Key, v } as Record<string, AttributeValue>;
      await client.send(new BatchWriteItemCommand({ RequestItems: { items: [{ PutRequest: { Item } }] } }));
      expect((await client.send(new GetItemCommand({ TableName: "items", Key }))).Item).toEqual(Item);
      const update = 'UPDATE "items" SET "w"=? WHERE "id"=? AND "v"=?';
      const statement = (seen: AttributeValue) => ({
        Statements: [
          {
            Statement: update,
            Parameters: [{ N: "1" }, Key.id, seen],
            ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
          },
        ],
      });
      const refused = await client.send(new BatchExecuteStatementCommand(statement({ S: "no" })));
      expect(refused.Responses?.[0]?.Error).toMatchObject({ Code: "ConditionalCheckFailed", Item });
      const written = await client.send(new BatchExecuteStatementCommand(statement(Item.v!)));
      expect(written.Responses).toEqual([{ TableName: "items" }]);
    },
  );

  test("errors are the SDK's own", async () => {
    const RequestItems = { nowhere: [{ PutRequest: { Item: Key } }] };
    const missing = await client.send(new BatchWriteItemCommand({ RequestItems })).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(ResourceNotFoundException);
    const Statement = "x".repeat(8_193);
    const tooLong = await client
      .send(new BatchExecuteStatementCommand({ Statements: [{ Statement }] }))
      .catch((error: unknown) => error);
    expect(tooLong).toBeInstanceOf(DynamoDBServiceException);
    expect(tooLong).toMatchObject({ name: "ValidationException", $metadata: { httpStatusCode: 400 } });
  });

  test("and other calls are unchanged", async () => {
    const put = { TableName: "items", Item: { ...Key, b: { B: bytes(7) } }, ReturnValues: "ALL_OLD" } as const;
    await client.send(new PutItemCommand(put));
    expect((await client.send(new PutItemCommand(put))).Attributes).toEqual(put.Item);
  });
});
