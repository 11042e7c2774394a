/** Deals with records of the quarantine: sends a body again, or marks a record as resolved. */
import { PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { type MessageAttributeValue, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { QuarantineRecord, Resolution } from "../quarantine";
import { TOKEN_ATTRIBUTE } from "../tokens/participantToken";
import { type Desk, quarantineObjects } from "./desk";
import { readObject, sha256Of } from "./objectBytes";
import { readRecord, type StoredRecord } from "./quarantined";

/** `changed`: the record was replaced or deleted meanwhile, and is not marked. `gone`, `unreadable`: nothing was done. */
export type Settled = "done" | "changed" | "gone" | "unreadable";

export interface ResendOptions {
  /** The person who does it. */
  by?: string | undefined;
  /** The token that vouches for a participant. Default: bodies are sent without. */
  tokenOf?: ((userId: string) => string) | undefined;
}

/**
 * Sends a body again, byte for byte, then marks its record. After an interruption between the two, it would be sent once
 * more. That is harmless, because a submission counts once, however often it arrives.
 */
export async function resend(desk: Desk, key: string, { by, tokenOf }: ResendOptions = {}): Promise<Settled> {
  return settle(desk, key, async ({ record, participant }) => {
    const message = new SendMessageCommand({
      QueueUrl: desk.queueUrl,
      MessageBody: record.body,
      ...(tokenOf && participant !== undefined ? { MessageAttributes: attributes(tokenOf(participant)) } : {}),
    });
    const { MessageId } = await desk.retry(() => desk.sqs.send(message));
    return { ...mark(desk, "resent", by), ...(MessageId === undefined ? {} : { messageId: MessageId }) };
  });
}

/** Marks a record that needs nothing more. @param note why. */
export async function resolve(desk: Desk, key: string, note: string, by?: string): Promise<Settled> {
  return settle(desk, key, async () => ({ ...mark(desk, "resolved", by), note }));
}

async function settle(desk: Desk, key: string, work: (stored: StoredRecord) => Promise<Resolution>): Promise<Settled> {
  const stored = await readRecord(desk, key);
  if (stored === undefined) return "gone";
  if (stored === "unreadable") return "unreadable";
  const resolution = await work(stored);
  return (await replace(desk, stored, { ...stored.record, resolution })) ? "done" : "changed";
}

function attributes(token: string): Record<string, MessageAttributeValue> {
  return { [TOKEN_ATTRIBUTE]: { DataType: "String", StringValue: token } };
}

function mark(desk: Desk, how: Resolution["how"], by: string | undefined): Resolution {
  return { at: new Date(desk.now()).toISOString(), how, ...(by === undefined ? {} : { by }) };
}

/**
 * A retry after a lost answer meets the record that the first attempt wrote.
 * @returns false if the record is no longer as it was read.
 */
async function replace(desk: Desk, { key, etag }: StoredRecord, record: QuarantineRecord): Promise<boolean> {
  const text = JSON.stringify(record, undefined, 2);
  const put = new PutObjectCommand({
    Bucket: desk.quarantineBucket,
    Key: key,
    Body: text,
    ContentType: "application/json",
    ChecksumSHA256: sha256Of(text),
    IfMatch: etag,
  });
  try {
    await desk.retry(() => desk.s3.send(put));
    return true;
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status !== 412 && status !== 404) throw error;
    const there = await readObject(quarantineObjects(desk), key);
    return there !== undefined && sha256Of(there.bytes) === sha256Of(text);
  }
}
