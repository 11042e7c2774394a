/** The requests that AWS bills for a call. */
import type { Call } from "../gateway/call";
import type { BackendResponse } from "../gateway/message";
import { jsonOf } from "../gateway/rewrite";

/** "Every 64 KB chunk of a payload is billed as 1 request" (SQS pricing); EventBridge counts events in the same way. */
const CHUNK_BYTES = 65_536;

/** Classes of S3 requests by price: put is "PUT, COPY, POST, LIST", get is "GET, SELECT, and all other requests". */
export type S3Class = "put" | "get" | "free";

/** S3 operations that are not in the class of their first word. */
const S3_CLASSES: Readonly<Record<string, S3Class>> = {
  CopyObject: "put",
  UploadPart: "put",
  CreateMultipartUpload: "put",
  CompleteMultipartUpload: "put",
  // "DELETE and CANCEL requests are free".
  AbortMultipartUpload: "free",
};

/** The class by which S3 bills an operation (S3 pricing, "Requests & data retrievals"). */
export function s3Class(operation: string): S3Class {
  const own = S3_CLASSES[operation];
  if (own !== undefined) return own;
  if (/^(Put|Create|List)/.test(operation)) return "put";
  return operation.startsWith("Delete") ? "free" : "get";
}

/** Requests or events billed for a call and its answer. */
export function billedFor({ service, action, input, request }: Call, response: BackendResponse): number {
  if (service === "s3") return s3Class(action) === "free" ? 0 : 1;
  if (service === "events") return events(input).reduce<number>((sum, entry) => sum + chunks(JSON.stringify(entry)), 0);
  if (service !== "sqs") return 1;
  const small = request.body.length <= CHUNK_BYTES && response.body.length <= CHUNK_BYTES;
  return small ? 1 : chunks(...sentBodies(input), ...receivedMessages(response).map(({ Body = "" }) => Body));
}

/** Whether a call was a receive without a message. */
export function isEmptyReceive({ service, action }: Call, response: BackendResponse): boolean {
  if (service !== "sqs" || action !== "ReceiveMessage") return false;
  return response.body.length < CHUNK_BYTES && receivedMessages(response).length === 0;
}

/** The chunks of a payload; a call without one is still a request. */
function chunks(...texts: string[]): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

type Message = { MessageBody?: string; MessageAttributes?: object };

function sentBodies(input: Record<string, unknown>): string[] {
  const messages = [input as Message, ...((input.Entries ?? []) as Message[])];
  return messages.flatMap(({ MessageBody = "", MessageAttributes }) => [
    MessageBody,
    MessageAttributes === undefined ? "" : JSON.stringify(MessageAttributes),
  ]);
}

function receivedMessages(response: BackendResponse): { Body?: string }[] {
  return jsonOf<{ Messages?: { Body?: string }[] }>(response)?.Messages ?? [];
}

function events({ Entries }: Record<string, unknown>): unknown[] {
  return Array.isArray(Entries) ? Entries : [];
}
