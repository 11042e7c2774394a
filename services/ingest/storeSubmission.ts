import { createHash } from "node:crypto";
import { SluiceError } from "../../shared/errors";
import { countSubmission } from "./countSubmission";
import { type Marker, readMarker } from "./marker";
import { clearObject, deleteVersion } from "./objectVersions";
import { quarantine, type Refused } from "./quarantine";
import { clearAll, clearLeftovers, clearUncounted, keepRaw, type RawBody, type RawVersion } from "./rawObject";
import type { Storage } from "./storage";
import { NO_ROOM, type ParsedSubmission, type Reason, type SubmissionParser, UNPROVEN } from "./submission";
import { isErased } from "./tombstone";

/** A message of the queue: one submission, as it was sent. */
export interface SubmissionMessage {
  body: string;
  messageId: string;
  /** When SQS took it, milliseconds since the epoch. */
  sentAt: number;
  /**
   * Deliveries that wrote something before this moment, milliseconds since the epoch, have ended: no function runs for
   * longer.
   */
  endedBefore: number;
  /** Absent if no proof is required. It is a function, so that the token itself can't be kept or logged. */
  isProven?: ProofCheck;
}

/** Whether the message proves that it comes from this participant. */
export type ProofCheck = (userId: string, signal: AbortSignal) => Promise<boolean>;

/** The outcome of a message. Each of these is durable: the message may be deleted. */
export type StoreOutcome =
  | { kind: "stored"; id: string; implausibleTime: boolean }
  | { kind: "duplicate"; id: string }
  | { kind: "quarantined"; id: string | undefined; reasons: Reason[] }
  /** The participant was erased: nothing of it is kept. */
  | { kind: "erased" };

/**
 * Stores one message where it belongs.
 *
 *   body ── cannot be accepted, or is unproven ───────────────────────────▶ quarantine
 *     │
 *     ▼
 *   raw object `<user_id><timestamp>.json`: a version of our own
 *     │          └─ the key is taken and the marker is there ────┐
 *     ▼                                                          ▼
 *   marker + count + latest answers, in one transaction      same content: a duplicate, nothing changes
 *     │          ├─ the marker is there: undo our version ──▶ other content: a conflict ──▶ quarantine
 *     │          ├─ the item has no room: undo our version ───────────────▶ quarantine
 *     ▼          └─ the participant was erased: undo our version, and keep it nowhere
 *   stored
 *
 * Only the marker shows that a submission was counted; the bucket never shows that. If a delivery stops between any two
 * steps, the next one repeats them: the marker shows whether the transaction took place, and versions name the message that
 * wrote them. docs/decisions/0010-counted-once.md goes through all cases.
 * @throws the services' errors; the message has to come again.
 */
export async function storeSubmission(
  storage: Storage,
  parse: SubmissionParser,
  message: SubmissionMessage,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const parsed = await proven(parse(message.body, message.sentAt), message, signal);
  if ("reasons" in parsed) return refuse(storage, { ...message, ...parsed }, signal);
  const { submission } = parsed;
  const { id, userId } = submission;
  const sha256 = createHash("sha256").update(message.body).digest("base64");
  const delivery: Delivery = { ...message, id, userId, sha256 };
  const kept = await keepRaw(storage, delivery, signal);
  if ("marker" in kept) return countedBefore(storage, delivery, kept.marker, undefined, signal);

  switch (await countSubmission(storage, submission, delivery, signal)) {
    case "counted":
      return { kind: "stored", id, implausibleTime: submission.implausibleTime };
    case "duplicate":
    case "conflict": {
      const marker = await readMarker(storage, id, signal);
      if (marker !== undefined) return countedBefore(storage, delivery, marker, kept.written, signal);
      throw new SluiceError("MARKER_GONE", `The marker of ${id} was deleted meanwhile.`, { retryable: true });
    }
    case "too_large": {
      const outcome = await refuse(storage, { ...delivery, reasons: [NO_ROOM] }, signal);
      await deleteVersion(storage, kept.written, signal);
      await clearLeftovers(storage, delivery, message.endedBefore, signal);
      return outcome;
    }
    case "erased":
      await clearAll(storage, delivery, kept.written, signal);
      return { kind: "erased" };
  }
}

/**
 * Rejects a message that names a participant without proof of coming from there. A message without a participant needs no
 * proof.
 */
async function proven(
  parsed: ParsedSubmission,
  { isProven }: SubmissionMessage,
  signal: AbortSignal,
): Promise<ParsedSubmission> {
  const { id, userId } = "submission" in parsed ? parsed.submission : parsed;
  if (isProven === undefined || userId === undefined || (await isProven(userId, signal))) return parsed;
  return { id, userId, reasons: [UNPROVEN, ...("reasons" in parsed ? parsed.reasons : [])] };
}

interface Delivery extends SubmissionMessage, RawBody {
  userId: string;
}

/**
 * A duplicate or a conflict, as the marker shows. A body is in quarantine before it leaves the raw bucket.
 * @param written the version of this delivery.
 */
async function countedBefore(
  storage: Storage,
  delivery: Delivery,
  marker: Marker,
  written: RawVersion | undefined,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const { id, sha256 } = delivery;
  const reasons: Reason[] = [{ code: "conflict", message: `${id} was submitted before with other content` }];
  const duplicate = marker.sha256 === sha256;
  const outcome = duplicate
    ? ({ kind: "duplicate", id } as const)
    : await refuse(storage, { ...delivery, reasons }, signal);
  if (written !== undefined) await deleteVersion(storage, written, signal);
  await clearUncounted(storage, delivery, marker, signal);
  return outcome;
}

/** Keeps a body in quarantine, unless its participant was erased. */
async function refuse(
  storage: Storage,
  refused: Refused & { id: string | undefined },
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const place = await quarantine(storage, refused, signal);
  const { id, userId, reasons } = refused;
  // The tombstone is checked afterwards: an erasure writes the tombstone first and then looks for objects. So one of the
  // two finds the body.
  if (userId === undefined || !(await isErased(storage, userId, signal))) return { kind: "quarantined", id, reasons };
  await clearObject(storage, place, () => false, signal);
  return { kind: "erased" };
}
