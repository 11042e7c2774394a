/**
 * The third part of `npm start`: a backfill. A new index of the table needs a sort key that one item in four lacks. The update
 * reads the export of the scan demonstration, although items were changed and deleted since. No deleted item may come back,
 * and the changed ones must get a key from their present values.
 */
import { DeleteItemCommand, type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { operatorOf } from "../cli/operator";
import { whole } from "../cli/text/format";
import { systemClock } from "../shared/clock";
import type { WritingResult } from "../shared/operations/changeItems";
import type { LocalCloud } from "./cloud";
import { readItems } from "./compareExport";
import { type DemonstrationIo, run } from "./demonstrationJob";
import { DEMO_TABLE, ITEMS, lacksSortKey, orderId, type ScanDemonstration } from "./scanDemonstration";

/** Write capacity that the backfill may use, WCU/s: so that it takes some seconds. */
const WCU = 500;
/** Items that are deleted, and changed, between export and backfill. All lack the sort key. */
const DELETED = 10;
const CHANGED = 20;

const update = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of an update
  set: { GSISK: "${Status}#${Timestamp}" },
  onlyIf: "attribute_not_exists(GSISK)",
};

export interface BackfillDemonstration {
  /** Write capacity allowed, and consumed on average, WCU/s. */
  wcu: number;
  measuredWcu: number;
  deleted: number;
  changed: number;
  outcomes: WritingResult["outcomes"];
  /** Items without their right sort key afterwards, and deleted items that came back. */
  wrong: number;
  back: number;
}

export async function demonstrateBackfill(
  cloud: LocalCloud,
  { bucket, manifest }: ScanDemonstration["export"],
  io: DemonstrationIo,
): Promise<BackfillDemonstration> {
  const { endpoint, region, credentials } = cloud;
  const operator = operatorOf({ value: cloud.outputs.operator, endpoint, region, credentials }, "local", systemClock);
  try {
    const lacking = Array.from({ length: ITEMS }, (_, n) => n).filter(lacksSortKey);
    io.say(
      `\n${whole(lacking.length)} items lack the sort key of a new index. ${CHANGED} items change, ${DELETED} are deleted …`,
    );
    await changeSome(operator.dynamodb, lacking);
    io.say(`Adding the key from the export at ${WCU} WCU/s …`);
    const source = `export:s3://${bucket}/${manifest}`;
    const request = { operation: "update", table: DEMO_TABLE, source, update, writeRate: WCU };
    const { result, seconds } = await run<WritingResult>(operator, request, io);
    io.doing.next("Looking at each item …");
    const { wrong, back } = await judge(operator.dynamodb, new Set(lacking.slice(0, DELETED).map(orderId)));
    const measuredWcu = result.consumed.table / seconds;
    return { wcu: WCU, measuredWcu, deleted: DELETED, changed: CHANGED, outcomes: result.outcomes, wrong, back };
  } finally {
    operator.close();
  }
}

async function changeSome(client: DynamoDBClient, lacking: readonly number[]): Promise<void> {
  for (const n of lacking.slice(0, DELETED)) {
    await client.send(new DeleteItemCommand({ TableName: DEMO_TABLE, Key: { id: { S: orderId(n) } } }));
  }
  for (const n of lacking.slice(DELETED, DELETED + CHANGED)) {
    const change = {
      TableName: DEMO_TABLE,
      Key: { id: { S: orderId(n) } },
      UpdateExpression: "SET #status = :returned",
      ExpressionAttributeNames: { "#status": "Status" },
      ExpressionAttributeValues: { ":returned": { S: "returned" } },
    };
    await client.send(new UpdateItemCommand(change));
  }
}

async function judge(client: DynamoDBClient, deleted: ReadonlySet<string>): Promise<{ wrong: number; back: number }> {
  let [wrong, back] = [0, 0];
  await readItems(client, DEMO_TABLE, ({ id, Status, Timestamp, GSISK }) => {
    if (deleted.has(id?.S ?? "")) back++;
    else if (GSISK?.S !== `${Status?.S}#${Timestamp?.N}`) wrong++;
  });
  return { wrong, back };
}

/** Deviations from the expected result, a line each. */
export function backfillProblems({ outcomes, wrong, back, deleted }: BackfillDemonstration): string[] {
  const { updated, already, skipped, conflict, gone, failed } = outcomes;
  const expected = { updated: ITEMS / 4 - deleted, already: ITEMS - ITEMS / 4, gone: deleted };
  const sum = updated + already + skipped + conflict + gone + failed;
  return [
    ...(sum === ITEMS ? [] : [`the outcomes of the backfill add up to ${sum} of ${ITEMS} items`]),
    ...Object.entries(expected).flatMap(([name, count]) => {
      const found = outcomes[name as keyof typeof expected];
      return found === count ? [] : [`the backfill counts ${found} items as ${name}, not ${count}`];
    }),
    ...(wrong === 0 ? [] : [`${wrong} items lack their sort key`]),
    ...(back === 0 ? [] : [`${back} deleted items are there again`]),
  ];
}

export function renderBackfill({ outcomes, measuredWcu, wcu, deleted, changed }: BackfillDemonstration): string {
  const counts = Object.entries(outcomes).map(([name, count]) => `${whole(count)} ${name}`);
  return [
    `\nBackfill: ${counts.join(", ")}.`,
    `Of the ${deleted} items deleted since the export none came back; the ${changed} changed ones have the key of what they are now.`,
    `Average: ${Math.round(measuredWcu)} WCU/s of ${wcu} allowed.`,
  ].join("\n");
}
