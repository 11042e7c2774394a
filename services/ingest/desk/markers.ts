/** Markers of counted submissions: the submissions table's items. */
import { QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../shared/aws/itemSize";
import { MOST_BATCH_KEYS, readItems } from "../../../shared/sources/keys/readItems";
import type { Desk } from "./desk";

export interface Marker {
  /** `<user_id><timestamp>`. */
  submission: string;
  userId: string;
  /** The submission's time as text that sorts by time. */
  submittedAt: string;
  /** SHA-256 of the body that was counted, base64. */
  sha256: string;
  /** True if the time can't be right: the submission counts, but never becomes the latest. */
  implausible: boolean;
}

/** The submissions table's index by `user_id`; services/ingest/component.ts makes it. */
const BY_PARTICIPANT = "byParticipant";
const KEY = [{ name: "submission", type: "S" }] as const;

/** The markers among these ids, by id. Up to date. */
export async function readMarkers(desk: Desk, ids: Iterable<string>): Promise<Map<string, Marker>> {
  const { dynamodb, submissionsTable: table, retry } = desk;
  const keys = [...new Set(ids)].map((submission) => ({ submission: { S: submission } }));
  const spec = { table, keys: KEY, consistentRead: true };
  const signal = new AbortController().signal;
  const { items } = await readItems(keys, { spec, dynamodb, batch: MOST_BATCH_KEYS, retry, signal });
  return new Map(items.map(markerOf).map((marker) => [marker.submission, marker]));
}

/**
 * The ids of one participant's counted submissions, oldest key first. From the index, which lags slightly behind the table:
 * ids that were counted just now may be missing, and deleted ones may still be there.
 */
export async function markerIdsOf({ dynamodb, submissionsTable, retry }: Desk, userId: string): Promise<string[]> {
  const ids: string[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const query = new QueryCommand({
      TableName: submissionsTable,
      IndexName: BY_PARTICIPANT,
      KeyConditionExpression: "user_id = :user",
      ExpressionAttributeValues: { ":user": { S: userId } },
      ExclusiveStartKey,
    });
    const { Items = [], LastEvaluatedKey } = await retry(() => dynamodb.send(query));
    ids.push(...Items.map(({ submission }) => submission?.S ?? ""));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return ids;
}

/** Every marker that exists when the scan begins, and perhaps later ones. */
export async function* scanMarkers({ dynamodb, submissionsTable, retry }: Desk): AsyncGenerator<Marker> {
  for await (const item of scanItems({ dynamodb, retry }, submissionsTable)) yield markerOf(item);
}

/** Every item of a table, read consistently, in no order. */
export async function* scanItems(
  { dynamodb, retry }: Pick<Desk, "dynamodb" | "retry">,
  TableName: string,
): AsyncGenerator<Item> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const scan = new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey });
    const { Items = [], LastEvaluatedKey } = await retry(() => dynamodb.send(scan));
    yield* Items;
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

function markerOf({ submission, user_id, submitted_at, sha256, implausible_time }: Item): Marker {
  return {
    submission: submission?.S ?? "",
    userId: user_id?.S ?? "",
    submittedAt: submitted_at?.S ?? "",
    sha256: sha256?.S ?? "",
    implausible: implausible_time?.BOOL === true,
  };
}
