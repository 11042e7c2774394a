import { createHash } from "node:crypto";
import { countSubmission } from "./countSubmission";
import { createObject, objectSha256 } from "./createObject";
import { quarantine } from "./quarantine";
import type { Storage } from "./storage";
import { NO_ROOM, type Reason, type Submission, type SubmissionParser } from "./submission";

/** A message of the queue: one submission, as it was sent. */
export interface SubmissionMessage {
  body: string;
  messageId: string;
  /** When SQS took it, milliseconds since the epoch. */
  sentAt: number;
}

/** What became of a message. Each of these is durable: the message may be deleted. */
export type StoreOutcome =
  | { kind: "stored"; id: string; implausibleTime: boolean }
  | { kind: "duplicate"; id: string }
  | { kind: "quarantined"; id: string | undefined; reasons: Reason[] };

/**
 * Takes one message to where it belongs.
 *
 *   body ── cannot be accepted ──────────────────────────────────────────▶ quarantine
 *     │
 *     ▼
 *   raw object `<user_id><timestamp>.json`, created, never replaced
 *     │          └─ is there with other content: a conflict ─────────────▶ quarantine
 *     ▼
 *   marker + count + latest answers, in one transaction
 *                └─ marker is there: a duplicate, nothing changes
 *
 * Ended anywhere between two steps it can simply be done again: the object is then found with the same content, the
 * marker says whether the transaction took place.
 * @throws whatever the services threw; the message has to come again.
 */
export async function storeSubmission(
  storage: Storage,
  parse: SubmissionParser,
  message: SubmissionMessage,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const parsed = parse(message.body, message.sentAt);
  if ("reasons" in parsed) return refuse(storage, message, parsed.id, parsed.reasons, signal);
  const { submission } = parsed;
  const sha256 = createHash("sha256").update(message.body).digest("base64");
  if (!(await keepRaw(storage, submission, message.body, sha256, signal))) {
    return refuse(storage, message, submission.id, [conflict(submission)], signal);
  }
  switch (await countSubmission(storage, submission, sha256, signal)) {
    case "counted":
      return { kind: "stored", id: submission.id, implausibleTime: submission.implausibleTime };
    case "duplicate":
      return { kind: "duplicate", id: submission.id };
    case "conflict":
      return refuse(storage, message, submission.id, [conflict(submission)], signal);
    case "too_large":
      return refuse(storage, message, submission.id, [NO_ROOM], signal);
  }
}

/** False where the key holds another body. */
async function keepRaw(
  storage: Storage,
  { id }: Submission,
  body: string,
  sha256: string,
  signal: AbortSignal,
): Promise<boolean> {
  const key = `${id}.json`;
  if (await createObject(storage, { bucket: storage.rawBucket, key, body, sha256 }, signal)) return true;
  return (await objectSha256(storage, storage.rawBucket, key, signal)) === sha256;
}

async function refuse(
  storage: Storage,
  { body, messageId, sentAt }: SubmissionMessage,
  id: string | undefined,
  reasons: Reason[],
  signal: AbortSignal,
): Promise<StoreOutcome> {
  await quarantine(storage, { id, body, reasons, messageId, sentAt }, signal);
  return { kind: "quarantined", id, reasons };
}

function conflict({ id }: Submission): Reason {
  return { code: "conflict", message: `${id} was submitted before with other content` };
}
