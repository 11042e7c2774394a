/** Erases a participant: everything that names one `user_id` exactly, but for the tombstone. */
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { deleteItems } from "../../../shared/aws/deleteItems";
import { deleteVersions } from "../../../shared/aws/deleteObjects";
import { type Desk, quarantineObjects, rawObjects } from "./desk";
import { collect, quarantineVersionsOf, rawVersionsOf, readMarkersOf, readResult } from "./participant";

/** Numbers of markers, and of versions of objects with their delete markers. */
export interface KeptCounts {
  markers: number;
  raw: number;
  quarantine: number;
}

export interface ErasedParticipant {
  participant: string;
  /** RFC 3339: when the tombstone was written; of one that was there, when that was. */
  erasedAt: string;
  deleted: KeptCounts;
  /** What the last look found. All 0: nothing is left but the tombstone. */
  left: KeptCounts;
}

/** How often what has come up meanwhile is deleted before it is reported. */
const ROUNDS = 5;
/** How long before a look: by then the index knows the markers that were written before the tombstone. */
const SETTLE_MS = 2_000;

/**
 *   tombstone ──▶ quarantine objects ──▶ markers ──▶ raw objects, all versions ──▶ look again: nothing is left
 *
 * The tombstone comes first, so that a late duplicate doesn't bring anything back: the store function keeps nothing of an
 * erased participant. Ended anywhere, it can be done again.
 *
 * A store function that had asked for the tombstone before it was there may still write an object after the last look. It
 * ends within its time-out; whoever erases again after that finds it.
 */
export async function eraseParticipant(
  desk: Desk,
  participant: string,
  sleep: (ms: number) => Promise<void>,
): Promise<ErasedParticipant> {
  const erasedAt = await putTombstone(desk, participant);
  const deleted = { markers: 0, raw: 0, quarantine: 0 };
  for (let round = 1; ; round++) {
    add(deleted, await deleteKept(desk, participant));
    await sleep(SETTLE_MS);
    const left = await countKept(desk, participant);
    if (round === ROUNDS || Object.values(left).every((count) => count === 0)) {
      return { participant, erasedAt, deleted, left };
    }
  }
}

/** Replaces whatever the item holds. @returns when the participant was erased first. */
async function putTombstone(desk: Desk, participant: string): Promise<string> {
  const erasedAt = (await readResult(desk, participant))?.erased_at?.S ?? new Date(desk.now()).toISOString();
  const Item = { user_id: { S: participant }, erased_at: { S: erasedAt } };
  await desk.retry(() => desk.dynamodb.send(new PutItemCommand({ TableName: desk.resultsTable, Item })));
  return erasedAt;
}

async function deleteKept(desk: Desk, participant: string): Promise<KeptCounts> {
  const quarantine = await deleteVersions(quarantineObjects(desk), quarantineVersionsOf(desk, participant));
  const versions = await collect(rawVersionsOf(desk, participant));
  // Markers are looked up by the ids of raw objects too: so they go first.
  const markers = await deleteMarkers(desk, participant, idsOf(versions));
  const raw = await deleteVersions(rawObjects(desk), versions);
  return { markers, raw, quarantine };
}

async function deleteMarkers(desk: Desk, participant: string, ids: readonly string[]): Promise<number> {
  const { dynamodb: client, submissionsTable: table, retry } = desk;
  const markers = await readMarkersOf(desk, participant, ids);
  const keys = markers.map(({ submission }) => ({ submission: { S: submission } }));
  return deleteItems({ client, table, retry }, keys);
}

async function countKept(desk: Desk, participant: string): Promise<KeptCounts> {
  const raw = await collect(rawVersionsOf(desk, participant));
  const quarantine = await collect(quarantineVersionsOf(desk, participant));
  const markers = await readMarkersOf(desk, participant, idsOf(raw));
  return { markers: markers.length, raw: raw.length, quarantine: quarantine.length };
}

function idsOf(versions: readonly { key: string }[]): string[] {
  return [...new Set(versions.map(({ key }) => key.replace(/\.json$/, "")))];
}

function add(sum: KeptCounts, more: KeptCounts): void {
  for (const kind of Object.keys(more) as (keyof KeptCounts)[]) sum[kind] += more[kind];
}
