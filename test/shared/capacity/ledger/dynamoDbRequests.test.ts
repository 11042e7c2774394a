/** The ledger's requests to DynamoDB, and how it reads the answers. The suite beside this one runs on a real table. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { DynamoDbLedger } from "../../../../shared/capacity/ledger/dynamoDbLedger";
import { toAttributes } from "../../../../shared/capacity/ledger/ledgerAttributes";
import type { LedgerItem } from "../../../../shared/capacity/ledger/ledgerItem";

const key = { pk: { S: "ledger#7" }, sk: { S: "read" } };
const item: LedgerItem = {
  ...{ until: 5, reservations: 1, workers: 2, costSum: 3, costCount: 4 },
  ...{ limits: { table: 9, indexes: {} }, paused: true, factor: 0.5, factorAt: 6 },
};

/** A ledger whose client gives one answer, or rejects with it. Also the requests that the client got. */
function world(answer: object) {
  const sent: { input: object }[] = [];
  const send = async (command: { input: object }) => {
    sent.push(command);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const ledger = new DynamoDbLedger({ client: { send } as unknown as DynamoDBClient, table: "jobs", key });
  return { ledger, sent };
}

const failed = (Item?: LedgerItem) =>
  new ConditionalCheckFailedException({ message: "no", $metadata: {}, ...(Item && { Item: toAttributes(Item) }) });

test("reads consistently, by the whole key", async () => {
  const { ledger, sent } = world({ Item: { ...key, ...toAttributes(item) } });
  expect(await ledger.read()).toEqual(item);
  expect(sent).toEqual([expect.any(GetItemCommand)]);
  expect(sent[0]!.input).toEqual({ TableName: "jobs", Key: key, ConsistentRead: true });
  expect(await world({}).ledger.read()).toBeUndefined();
});

test("creates the item only if there is none", async () => {
  const { ledger, sent } = world({});
  expect(await ledger.create(item)).toBe(true);
  expect(sent).toEqual([expect.any(PutItemCommand)]);
  expect(sent[0]!.input).toEqual({
    TableName: "jobs",
    Item: { ...key, ...toAttributes(item) },
    ConditionExpression: "attribute_not_exists(#until)",
    ExpressionAttributeNames: { "#until": "until" },
  });
  expect(await world(failed()).ledger.create(item)).toBe(false);
});

test("updates with one conditional request that returns the item either way", async () => {
  const { ledger, sent } = world({ Attributes: toAttributes(item) });
  expect(await ledger.update({ require: { untilBefore: 7 }, add: { workers: 1 } })).toEqual({ applied: true, item });
  expect(sent).toEqual([expect.any(UpdateItemCommand)]);
  expect(sent[0]!.input).toEqual({
    TableName: "jobs",
    Key: key,
    ConditionExpression: "attribute_exists(#until) AND #until < :untilBefore",
    UpdateExpression: "ADD #workers :add_workers",
    ExpressionAttributeNames: { "#until": "until", "#workers": "workers" },
    ExpressionAttributeValues: { ":untilBefore": { N: "7" }, ":add_workers": { N: "1" } },
    ReturnValues: "ALL_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  expect(await world(failed(item)).ledger.update({})).toEqual({ applied: false, item });
  expect(await world(failed()).ledger.update({})).toEqual({ applied: false, item: undefined });
});

test("any other error reaches the caller", async () => {
  const { ledger } = world(new Error("unreachable"));
  for (const use of [() => ledger.read(), () => ledger.create(item), () => ledger.update({})]) {
    await expect(use()).rejects.toThrow("unreachable");
  }
});
