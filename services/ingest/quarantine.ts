import { createHash } from "node:crypto";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { retryTransient } from "../../shared/aws/transient";
import { SluiceError } from "../../shared/errors";
import { createObject, type NewObject, type Place, replaceObject } from "./objectVersions";
import type { Storage } from "./storage";
import type { Reason } from "./submission";

export interface Refused {
  /** The participant, if the body names a valid one. */
  userId: string | undefined;
  body: string;
  reasons: Reason[];
  messageId: string;
  /** When SQS took the message, milliseconds since the epoch. */
  sentAt: number;
}

/** The content of a quarantine object, as JSON. */
export interface QuarantineRecord {
  reasons: Reason[];
  /** RFC 3339. */
  sentAt: string;
  messageId: string;
  /** The body, character for character. */
  body: string;
  /** How somebody dealt with it since. */
  resolution?: Resolution;
}

/** How somebody dealt with a quarantined body, at the desk (docs/intake-desk.md). */
export interface Resolution {
  /** RFC 3339. */
  at: string;
  how: "resent" | "resolved";
  /** The person. */
  by?: string;
  note?: string;
  /** The id of the message in which the body was resent. */
  messageId?: string;
}

/**
 * Keeps a body that can never be accepted, with the reasons: an object for each message, so that messages can be counted.
 * If an earlier delivery has kept the message already, its object is replaced only if the reasons differ: somebody may have
 * resolved it since.
 * @returns the object's place.
 */
export async function quarantine(
  storage: Pick<Storage, "s3" | "quarantineBucket">,
  refused: Refused,
  signal: AbortSignal,
): Promise<Place> {
  const place = { bucket: storage.quarantineBucket, key: quarantineKey(refused) };
  const record: QuarantineRecord = {
    reasons: refused.reasons,
    sentAt: new Date(refused.sentAt).toISOString(),
    messageId: refused.messageId,
    body: refused.body,
  };
  const body = JSON.stringify(record, undefined, 2);
  const sha256 = createHash("sha256").update(body).digest("base64");
  const object = { ...place, body, sha256, messageId: refused.messageId };
  if ((await createObject(storage, object, signal)) === undefined) await keepOtherReasons(storage, object, signal);
  return place;
}

/** `participants/<user_id>/<messageId>.json`, or `unidentified/<messageId>.json`. */
export function quarantineKey({ userId, messageId }: Pick<Refused, "userId" | "messageId">): string {
  return `${userId === undefined ? "unidentified" : `participants/${userId}`}/${messageId}.json`;
}

async function keepOtherReasons(storage: Pick<Storage, "s3">, object: NewObject, signal: AbortSignal): Promise<void> {
  const command = new GetObjectCommand({ Bucket: object.bucket, Key: object.key });
  const { text, etag } = await retryTransient(async () => {
    const { Body, ETag = "" } = await storage.s3.send(command, { abortSignal: signal });
    return { text: (await Body?.transformToString()) ?? "", etag: ETag };
  }, signal);
  if (reasonsOf(text) === reasonsOf(object.body)) return;
  if ((await replaceObject(storage, object, { etag }, signal)) !== undefined) return;
  throw new SluiceError("CONTENTION", `Quarantine object ${object.key} changed meanwhile.`, { retryable: true });
}

function reasonsOf(text: string): string {
  return JSON.stringify((JSON.parse(text) as QuarantineRecord).reasons);
}
