/** Ways to write many items: this worker's, and with the bare SDK. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../shared/aws/itemSize";
import { BatchPutter } from "../../shared/writing/batchPut";
import type { Decide } from "../../shared/writing/conditionalWrite";
import { settleItems } from "../../shared/writing/settleItems";
import type { WriterOptions } from "../../shared/writing/statementSender";
import { writerOf } from "../../shared/writing/writerOf";
import { orderItem } from "../worker-memory/orderItem";

export const TABLE = "orders";

/** Items of a page: 1 MB of them. */
const PAGE = 2_500;
/** Requests at once, in the ways that have several. The same number of batches as the writers have under way. */
const UPDATES_AT_ONCE = 32;
const BATCHES_AT_ONCE = 32;
const BATCH = 25;

export interface Tools {
  readonly options: WriterOptions;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Writes until the time is over. @returns how many items were written. */
export type Way = (tools: Tools) => Promise<number>;

const items: readonly Item[] = Array.from({ length: PAGE }, (_, n) => orderItem(n));

const keysOf = ({ id }: Item): Item => ({ id: id! });

/** Two attributes, one of a template. The item must exist, with what was read unchanged: four conditions. */
const decide: Decide = (item) => {
  const { status, placedAt } = item;
  if (item.GSISK !== undefined) return { do: "count", outcome: "already" };
  const GSISK = { S: `${status?.S}#${placedAt?.S}` };
  return {
    do: "write",
    write: {
      key: keysOf(item),
      change: { kind: "update", set: { GSISK, NewAttribute: { S: "NewAttributeValue" } }, remove: [] },
      seen: [
        { path: ["status"], value: status },
        { path: ["placedAt"], value: placedAt },
        { path: ["GSISK"], value: undefined },
      ],
    },
  };
};

const sluice: Way = async ({ options, until }) => {
  const writer = writerOf(TABLE, options);
  let updated = 0;
  while (Date.now() < until) {
    const settled = await settleItems(items, decide, keysOf, writer);
    updated += settled.filter(({ outcome }) => outcome === "updated").length;
  }
  return updated;
};

const sluiceCopy: Way = async ({ options, until }) => {
  const putter = new BatchPutter({ ...options, table: TABLE, keys: ["id"] });
  let written = 0;
  while (Date.now() < until) {
    const answers = await putter.put(items);
    written += answers.filter(({ end }) => end === "written").length;
  }
  return written;
};

/** The same update as {@link decide}'s, as a script would have it. */
async function bareUpdate(client: DynamoDBClient, { id, status, placedAt }: Item): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: TABLE,
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

const bareUpdates =
  (lanes: number): Way =>
  ({ options, until }) =>
    inParallel(lanes, until, async (n) => {
      await bareUpdate(options.client, items[n % PAGE]!);
      return 1;
    });

const barePuts: Way = ({ options, until }) =>
  inParallel(BATCHES_AT_ONCE, until, async (n) => {
    const from = (n * BATCH) % PAGE;
    let RequestItems = {
      [TABLE]: items.slice(from, from + BATCH).map((item) => ({ PutRequest: { Item: { ...item } } })),
    };
    for (;;) {
      const { UnprocessedItems = {} } = await options.client.send(new BatchWriteItemCommand({ RequestItems }));
      if (Object.keys(UnprocessedItems).length === 0) return BATCH;
      RequestItems = UnprocessedItems as typeof RequestItems;
    }
  });

export const ways = {
  worker: sluice,
  parallel: bareUpdates(UPDATES_AT_ONCE),
  sequential: bareUpdates(1),
  workerCopy: sluiceCopy,
  bareCopy: barePuts,
} as const;

export type WayName = keyof typeof ways;

/** Those whose client is limited. */
export const limitedWays: ReadonlySet<WayName> = new Set(["worker", "workerCopy"]);
