/** Ways to write many items: this worker's, and with the bare SDK. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../shared/aws/itemSize";
import { orderItem } from "../worker-memory/orderItem";
import { COPY, type Places, SOURCE, settingsOf } from "./places";
import { copy, update, type Work } from "./storedJob";
import { type TurnOf, wholeWorker } from "./wholeWorker";

/** Items of a page: 1 MB of them. */
const PAGE = 2_500;
/** Requests at once, in ways that have several: as many as the worker has batches under way. */
const UPDATES_AT_ONCE = 32;
const BATCHES_AT_ONCE = 32;
const BATCH = 25;

/** Gets ready. */
export type Way = (places: Places) => Promise<TurnOf>;

const items: readonly Item[] = Array.from({ length: PAGE }, (_, n) => orderItem(n));

const worker =
  (work: Work): Way =>
  (places) =>
    wholeWorker(work, places);

const bare =
  (lanes: number, work: (client: DynamoDBClient, n: number) => Promise<number>): Way =>
  async ({ stub }) => {
    const client = new DynamoDBClient(settingsOf(stub));
    return (ms) => inParallel(lanes, Date.now() + ms, (n) => work(client, n));
  };

/** The same update as the worker's, as a script would write it. */
async function bareUpdate(client: DynamoDBClient, { id, status, placedAt }: Item): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: SOURCE,
      Key: { id: id! },
      UpdateExpression: "SET GSISK = :gsisk, NewAttribute = :new",
      ConditionExpression:
        "attribute_exists(id) AND #status = :status AND placedAt = :placedAt AND attribute_not_exists(GSISK)",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: {
        ":gsisk": { S: `${status?.S}#${placedAt?.S}` },
        ":new": { S: "NewAttributeValue" },
        ":status": status as AttributeValue,
        ":placedAt": placedAt as AttributeValue,
      },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    }),
  );
}

async function inParallel(lanes: number, until: number, work: (n: number) => Promise<number>): Promise<number> {
  let [next, done] = [0, 0];
  const lane = async () => {
    while (Date.now() < until) {
      const count = await work(next++);
      done += count;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return done;
}

const bareUpdates = (lanes: number): Way =>
  bare(lanes, async (client, n) => {
    await bareUpdate(client, items[n % PAGE]!);
    return 1;
  });

const barePuts: Way = bare(BATCHES_AT_ONCE, async (client, n) => {
  const from = (n * BATCH) % PAGE;
  let RequestItems = {
    [COPY]: items.slice(from, from + BATCH).map((item) => ({ PutRequest: { Item: { ...item } } })),
  };
  for (;;) {
    const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems }));
    if (Object.keys(UnprocessedItems).length === 0) return BATCH;
    RequestItems = UnprocessedItems as typeof RequestItems;
  }
});

export const ways = {
  worker: worker(update),
  parallel: bareUpdates(UPDATES_AT_ONCE),
  sequential: bareUpdates(1),
  workerCopy: worker(copy),
  bareCopy: barePuts,
} as const;

export type WayName = keyof typeof ways;
