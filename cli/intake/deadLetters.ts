import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ChangeMessageVisibilityBatchCommand, type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import pLimit from "p-limit";
import { namedReason } from "../../shared/describeError";
import { parseJson } from "../../shared/json";
import { oneLine } from "../text/format";
import type { IntakeQueues } from "./intakeQueues";

/** SQS receives and changes at most this many messages at once. */
const BATCH = 10;
/** The longest time for which listed letters are hidden, seconds; if the command is killed, they come back after it. */
const HIDDEN_SECONDS = 60;
/** How long a receive waits for letters, seconds: without a wait SQS asks only some of its servers. */
const WAIT_SECONDS = 1;
const SEARCHES_AT_ONCE = 5;
/** Pages of the log that are searched for one letter. */
const PAGES_MAX = 20;

/** A submission that was given up. */
export interface DeadLetter {
  messageId: string;
  /** RFC 3339. */
  sentAt: string;
  /** How often it was received, by this list too. */
  receives: number;
  /** As in the body; null if the body names none, or isn't JSON. */
  userId: string | null;
  bytes: number;
  /** The last error that the store function logged for it. Null: the log has none, or has dropped it. */
  lastError: string | null;
}

/**
 * Dead letters, oldest first, without consuming them: they are received, hidden for a moment and given back.
 * @param most letters, 1 or more
 */
export async function listDeadLetters(queues: IntakeQueues, most: number): Promise<DeadLetter[]> {
  const messages = new Map<string, Message>();
  try {
    await receive(queues, most, messages);
  } finally {
    await giveBack(queues, [...messages.values()]);
  }
  const limit = pLimit(SEARCHES_AT_ONCE);
  const letters = [...messages.values()].map((message) => limit(() => letterOf(queues, message)));
  return (await Promise.all(letters)).sort((a, b) => (a.sentAt < b.sentAt ? -1 : 1));
}

async function receive(queues: IntakeQueues, most: number, into: Map<string, Message>): Promise<void> {
  while (into.size < most) {
    const { Messages = [] } = await queues.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queues.deadLetterQueueUrl,
        MaxNumberOfMessages: Math.min(BATCH, most - into.size),
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ["SentTimestamp", "ApproximateReceiveCount"],
      }),
    );
    const known = into.size;
    for (const message of Messages) into.set(message.MessageId ?? "", message);
    // No letter is left, or the first ones came again because they were no longer hidden.
    if (into.size === known) return;
  }
}

async function giveBack({ sqs, deadLetterQueueUrl: QueueUrl }: IntakeQueues, messages: Message[]): Promise<void> {
  for (let at = 0; at < messages.length; at += BATCH) {
    const Entries = messages.slice(at, at + BATCH).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}

async function letterOf(queues: IntakeQueues, message: Message): Promise<DeadLetter> {
  const { MessageId: messageId = "", Body = "", Attributes = {} } = message;
  const sentAt = Number(Attributes.SentTimestamp);
  return {
    messageId,
    sentAt: new Date(sentAt).toISOString(),
    receives: Number(Attributes.ApproximateReceiveCount),
    userId: userIdIn(Body),
    bytes: Buffer.byteLength(Body),
    lastError: await lastError(queues, messageId, sentAt),
  };
}

function userIdIn(body: string): string | null {
  const userId = (parseJson(body) as { user_id?: unknown } | null | undefined)?.user_id;
  return typeof userId === "string" ? oneLine(userId) : null;
}

interface LogLine {
  messageId?: string;
  error?: { name?: string; message?: string };
}

/** The newest of the store function's log lines about putting this letter back. */
async function lastError({ logs, logGroup }: IntakeQueues, messageId: string, from: number): Promise<string | null> {
  let found: string | null = null;
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const filterPattern = `"back to the queue" "${messageId}"`;
    const answer = await logs.send(
      new FilterLogEventsCommand({ logGroupName: logGroup, startTime: from, filterPattern, nextToken }),
    );
    for (const { message = "" } of answer.events ?? []) {
      const { error } = (parseJson(message) ?? {}) as LogLine;
      if (error !== undefined) found = oneLine(namedReason(error.name, error.message));
    }
    nextToken = answer.nextToken;
    if (nextToken === undefined) return found;
  }
  return found;
}
