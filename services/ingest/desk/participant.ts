/**
 * Everything that is kept about one participant: exactly this `user_id`, without participants whose ids only begin with
 * it.
 */
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../shared/aws/itemSize";
import { listVersions, type ObjectVersion } from "../../../shared/aws/objects/listObjects";
import { SluiceError } from "../../../shared/errors";
import { isUserId } from "../submission";
import { splitSubmissionId } from "../submissionId";
import { type Desk, quarantineObjects, rawObjects } from "./desk";
import { type Marker, markerIdsOf, readMarkers } from "./markers";
import { type ListedRecord, listQuarantine, participantOfKey, participantPrefixes } from "./quarantined";
import { rawIdsOf } from "./submissionRows";

export interface KeptParticipant {
  participant: string;
  /** The item of the results table. */
  item: Item | undefined;
  /** Counted submissions, oldest first. */
  markers: Marker[];
  /** Keys of the raw objects. */
  raw: string[];
  /** Newest first. */
  quarantined: ListedRecord[];
  /** Versions of objects, including those that `raw` and `quarantined` list, and delete markers. */
  versions: { raw: number; quarantine: number };
}

/** @throws SluiceError INVALID_PARTICIPANT if no participant can have this id. */
export function checkParticipant(userId: string): string {
  const shown = JSON.stringify(userId.slice(0, 80));
  if (isUserId(userId)) return userId;
  const message = `A participant's id must be 1 to 64 letters, digits, _ or -, got ${shown}.`;
  throw new SluiceError("INVALID_PARTICIPANT", message, { value: userId });
}

export async function readParticipant(desk: Desk, participant: string): Promise<KeptParticipant> {
  const raw = await collect(rawIdsOf(desk, participant));
  const markers = await readMarkersOf(desk, participant, raw);
  markers.sort((a, b) => (a.submittedAt < b.submittedAt ? -1 : Number(a.submittedAt > b.submittedAt)));
  const [item, { records }, rawVersions, quarantineVersions] = await Promise.all([
    readResult(desk, participant),
    listQuarantine(desk, { participant }),
    collect(rawVersionsOf(desk, participant)),
    collect(quarantineVersionsOf(desk, participant)),
  ]);
  return {
    participant,
    item,
    markers,
    raw: raw.map((id) => `${id}.json`),
    quarantined: records,
    versions: { raw: rawVersions.length, quarantine: quarantineVersions.length },
  };
}

/** The participant's item of the results table. Up to date. */
export async function readResult({ dynamodb, resultsTable, retry }: Desk, userId: string): Promise<Item | undefined> {
  const get = new GetItemCommand({
    TableName: resultsTable,
    Key: { user_id: { S: userId } },
    ConsistentRead: true,
  });
  return (await retry(() => dynamodb.send(get))).Item;
}

/**
 * One participant's markers. The index may not know the newest yet, so those of `ids` are looked up as well.
 * @param ids of submissions that may have been counted.
 */
export async function readMarkersOf(desk: Desk, userId: string, ids: readonly string[]): Promise<Marker[]> {
  return [...(await readMarkers(desk, [...(await markerIdsOf(desk, userId)), ...ids])).values()];
}

export async function* rawVersionsOf(desk: Desk, userId: string): AsyncGenerator<ObjectVersion> {
  for await (const version of listVersions(rawObjects(desk), userId)) {
    if (splitSubmissionId(version.key.replace(/\.json$/, ""))?.userId === userId) yield version;
  }
}

export async function* quarantineVersionsOf(desk: Desk, userId: string): AsyncGenerator<ObjectVersion> {
  for (const prefix of participantPrefixes(userId)) {
    for await (const version of listVersions(quarantineObjects(desk), prefix)) {
      if (participantOfKey(version.key) === userId) yield version;
    }
  }
}

export async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of all) found.push(one);
  return found;
}
