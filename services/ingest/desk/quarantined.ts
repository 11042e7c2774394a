/** The records in quarantine, and their later state. */
import { inBatches } from "../../../shared/aws/batches";
import { listObjects } from "../../../shared/aws/objects/listObjects";
import type { QuarantineRecord } from "../quarantine";
import { isUserId, type Reason } from "../submission";
import { splitSubmissionId } from "../submissionId";
import { type Desk, quarantineObjects } from "./desk";
import { type Marker, readMarkers } from "./markers";
import { readObject, sha256Of } from "./objectBytes";

export { reasonCodes } from "../submission";

/**
 * `accepted`: this very body was counted meanwhile. `resent`: it was sent again; if it is rejected again, that makes
 * another record. `resolved`: somebody marked it. `open`: none of these.
 */
export type RecordStatus = "open" | "accepted" | "resent" | "resolved";

/** A record in quarantine. */
export interface StoredRecord {
  key: string;
  record: QuarantineRecord;
  etag: string | undefined;
  /** Undefined if the body doesn't name a participant. */
  participant: string | undefined;
  /** `<user_id><timestamp>`, if the body has both. */
  submission: string | undefined;
}

/** A record in a list, without its body. */
export interface ListedRecord {
  key: string;
  status: RecordStatus;
  /** RFC 3339: when SQS took the message. */
  sentAt: string;
  messageId: string;
  participant?: string;
  submission?: string;
  /** The codes of the reasons, each once. */
  codes: Reason["code"][];
  /** The first reason in words. */
  reason: string;
  /** Size of the body. */
  bytes: number;
  resolution?: QuarantineRecord["resolution"];
}

export interface QuarantineQuery {
  /** Only records with this code among their reasons. */
  reason?: string | undefined;
  /** Only this participant's: exactly this `user_id`. */
  participant?: string | undefined;
}

export interface QuarantineList {
  /** Newest first. */
  records: ListedRecord[];
  /** Keys of objects that aren't records. */
  unreadable: string[];
}

/** Records read at once: batches, and records of a batch. */
const CONCURRENCY = 2;
const BATCH = 50;

/** Reads every record that the query asks for. It doesn't keep bodies: 100,000 records take some 50 MB. */
export async function listQuarantine(desk: Desk, query: QuarantineQuery): Promise<QuarantineList> {
  const list: QuarantineList = { records: [], unreadable: [] };
  await inBatches(quarantineKeys(desk, query.participant), { size: BATCH, concurrency: CONCURRENCY }, async (keys) => {
    const read = await Promise.all(keys.map((key) => readRecord(desk, key)));
    const wanted = read.filter((one) => one !== undefined && one !== "unreadable").filter((one) => matches(one, query));
    const markers = await markersOf(desk, wanted);
    list.records.push(...wanted.map((one) => listed(one, statusOf(one, markers))));
    list.unreadable.push(...keys.filter((_, at) => read[at] === "unreadable"));
  });
  list.records.sort((a, b) => order(b.sentAt, a.sentAt) || order(a.key, b.key));
  return list;
}

/** The keys of all objects, or of one participant's. Keys that name no participant belong to nobody here. */
async function* quarantineKeys(desk: Desk, participant: string | undefined): AsyncGenerator<string> {
  const prefixes = participant === undefined ? [""] : participantPrefixes(participant);
  for (const prefix of prefixes) {
    for await (const { key } of listObjects(quarantineObjects(desk), prefix)) {
      if (participant === undefined || participantOfKey(key) === participant) yield key;
    }
  }
}

/** Prefixes of one participant's objects, and perhaps of others': `participantOfKey` finds the owner. */
export function participantPrefixes(userId: string): string[] {
  const folder = `participants/${userId}/`;
  // For participants such as `p` the second prefix is the beginning of the first; each object may occur only once.
  return folder.startsWith(userId) ? [userId] : [folder, userId];
}

/** The participant of a key: `participants/<user_id>/…` or, in the former form, `<user_id><timestamp>/…`. */
export function participantOfKey(key: string): string | undefined {
  const [folder = "", second, ...rest] = key.split("/");
  if (folder === "participants" && rest.length > 0) return second;
  return splitSubmissionId(folder)?.userId;
}

/** Undefined: there is no such object. `unreadable`: it isn't a record. */
export async function readRecord(desk: Desk, key: string): Promise<StoredRecord | "unreadable" | undefined> {
  const object = await readObject(quarantineObjects(desk), key);
  if (object === undefined) return undefined;
  const record = parseRecord(Buffer.from(object.bytes).toString());
  if (record === undefined) return "unreadable";
  return { key, record, etag: object.etag, ...namesIn(key, record.body) };
}

/** The state of a record. */
export async function readStatus(desk: Desk, stored: StoredRecord): Promise<RecordStatus> {
  return statusOf(stored, await markersOf(desk, [stored]));
}

function markersOf(desk: Desk, records: readonly StoredRecord[]): Promise<Map<string, Marker>> {
  return readMarkers(
    desk,
    records.flatMap(({ submission }) => submission ?? []),
  );
}

function statusOf({ record, submission }: StoredRecord, markers: ReadonlyMap<string, Marker>): RecordStatus {
  const counted = submission === undefined ? undefined : markers.get(submission)?.sha256;
  if (counted !== undefined && counted === sha256Of(record.body)) return "accepted";
  return record.resolution?.how ?? "open";
}

function matches({ record, participant }: StoredRecord, query: QuarantineQuery): boolean {
  if (query.participant !== undefined && participant !== query.participant) return false;
  return query.reason === undefined || record.reasons.some(({ code }) => code === query.reason);
}

export function listed({ key, record, participant, submission }: StoredRecord, status: RecordStatus): ListedRecord {
  const { sentAt, messageId, reasons, body, resolution } = record;
  return {
    key,
    status,
    sentAt,
    messageId,
    ...(participant === undefined ? {} : { participant }),
    ...(submission === undefined ? {} : { submission }),
    codes: [...new Set(reasons.map(({ code }) => code))],
    reason: reasons[0]?.message ?? "",
    bytes: Buffer.byteLength(body),
    ...(resolution === undefined ? {} : { resolution }),
  };
}

function parseRecord(text: string): QuarantineRecord | undefined {
  const value = parsed(text) as Partial<QuarantineRecord> | undefined;
  const { reasons, sentAt, messageId, body } = value ?? {};
  const sound = Array.isArray(reasons) && [sentAt, messageId, body].every((field) => typeof field === "string");
  return sound ? (value as QuarantineRecord) : undefined;
}

/** The participant of a record, from the key. For older records, whose key has none, from the body. */
function namesIn(key: string, body: string): Pick<StoredRecord, "participant" | "submission"> {
  const { user_id: user, timestamp } = (parsed(body) ?? {}) as Record<string, unknown>;
  const participant = isUserId(user) ? user : undefined;
  const id = participant !== undefined && typeof timestamp === "string" ? participant + timestamp : undefined;
  const submission = id !== undefined && splitSubmissionId(id)?.userId === participant ? id : undefined;
  return { participant: participantOfKey(key) ?? participant, submission };
}

/** Undefined if the text isn't a JSON object. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Compares by code units, for `sort`. */
function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
