import { createSender, type Sender, type SendOptions, type SendResult } from "./createSender";
import type { SenderOptions } from "./options";
import type { Survey } from "./readSurvey";

/**
 * Sends one survey to the queue and returns the outcome. Never throws and never rejects.
 *
 * @param survey a path (the file's bytes are sent unchanged), or an object (sent as `JSON.stringify` writes it)
 * @param queueUrl the queue's URL, `queueUrl` of the stack output `sender`
 * @returns `{ statusCode: 200, submissionId, messageId }` once SQS has confirmed the message, else
 *   `{ statusCode: 400, submissionId, error: { code, message, retryable } }`
 */
export async function sendSurvey(
  survey: Survey,
  queueUrl: string,
  options: SenderOptions & SendOptions = {},
): Promise<SendResult> {
  const { signal, ...senderOptions } = options ?? {};
  return senderFor(queueUrl, senderOptions).sendSurvey(survey, { signal });
}

/** The senders in use, newest last, so that calls with the same options share one client and its connections. */
const senders: { queueUrl: string; options: SenderOptions; sender: Sender }[] = [];
const MOST_SENDERS = 16;

function senderFor(queueUrl: string, options: SenderOptions): Sender {
  const known = senders.find((entry) => entry.queueUrl === queueUrl && sameValues(entry.options, options));
  if (known !== undefined) return known.sender;
  const sender = createSender({ queueUrl }, options);
  senders.push({ queueUrl, options, sender });
  // A dropped sender is not closed, because one of its requests may be under way. Its idle connections end by themselves.
  if (senders.length > MOST_SENDERS) senders.shift();
  return sender;
}

/** Compares option by option: plain data by content, anything else (a client, a function) by identity. */
function sameValues(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => sameValues(a[key], b[key]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
