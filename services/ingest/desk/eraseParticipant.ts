/** Erases a participant: everything that names exactly one `user_id`, except the tombstone. */
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
  /** RFC 3339: when the tombstone was written, now or at an earlier erasure. */
  erasedAt: string;
  deleted: KeptCounts;
  /** What the last look found. All 0: only the tombstone is left. */
  left: KeptCounts;
}

/** How often new objects and markers are deleted before they are reported as left. */
const ROUNDS = 5;
/** The wait before a look: after that, the index knows the markers that were written before the tombstone. */
const SETTLE_MS = 2_000;

/**
 *   tombstone ──▶ quarantine objects ──▶ markers ──▶ raw objects, all versions ──▶ look again: nothing is left
 *
 * The tombstone comes first, so that a late duplicate doesn't bring anything back: the store function keeps nothing of an
 * erased participant. After an interruption at any point, it can be repeated.
 *
 * A store function that looked for the tombstone before it existed may still write an object after the last look. That
 * function ends within its time-out; another erasure after that finds the object.
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

/** Replaces the whole item. @returns when the participant was first erased. */
async function putTombstone(desk: Desk, participant: string): Promise<string> {
  const erasedAt = (await readResult(desk, participant))?.erased_at?.S ?? new Date(desk.now()).toISOString();
  const Item = { user_id: { S: participant }, erased_at: { S: erasedAt } };
  await desk.retry(() => desk.dynamodb.send(new PutItemCommand({ TableName: desk.resultsTable, Item })));
  return erasedAt;
}

async function deleteKept(desk: Desk, participant: string): Promise<KeptCounts> {
  const quarantine = await deleteVersions(quarantineObjects(desk), quarantineVersionsOf(desk, participant));
  const versions = await collect(rawVersionsOf(desk, participant));
  // Markers are also looked up by the ids of raw objects, so they are deleted first.
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
