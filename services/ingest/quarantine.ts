import { createHash } from "node:crypto";
import { createObject } from "./createObject";
import type { Storage } from "./storage";
import type { Reason } from "./submission";

export interface Refused {
  /** `<user_id><timestamp>` where the body could be identified. */
  id: string | undefined;
  body: string;
  reasons: Reason[];
  messageId: string;
  /** When SQS took the message, milliseconds since the epoch. */
  sentAt: number;
}

/** What a quarantine object holds, as JSON. */
export interface QuarantineRecord {
  reasons: Reason[];
  /** RFC 3339. */
  sentAt: string;
  messageId: string;
  /** The body, character for character. */
  body: string;
}

/**
 * Keeps a body that can never be accepted, with the reasons. The key depends on the content alone,
 * `<id or "unidentified">/<SHA-256 of the body>.json`, so that a repeat ends where the first one is.
 */
export async function quarantine(
  storage: Pick<Storage, "s3" | "quarantineBucket">,
  refused: Refused,
  signal: AbortSignal,
): Promise<void> {
  const record: QuarantineRecord = {
    reasons: refused.reasons,
    sentAt: new Date(refused.sentAt).toISOString(),
    messageId: refused.messageId,
    body: refused.body,
  };
  const text = JSON.stringify(record, undefined, 2);
  const key = `${refused.id ?? "unidentified"}/${createHash("sha256").update(refused.body).digest("hex")}.json`;
  const sha256 = createHash("sha256").update(text).digest("base64");
  await createObject(storage, { bucket: storage.quarantineBucket, key, body: text, sha256 }, signal);
}
