import { SendMessageBatchCommand, SendMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { GuestProvider } from "./guestCredentials";
import type { ResolvedOptions } from "./options";
import type { Queue } from "./queueUrl";

/** SQS's answer to a SendMessageBatch, with the fields that the sender reads. */
export interface BatchAnswer {
  Successful?: { Id?: string | undefined; MessageId?: string | undefined }[] | undefined;
  Failed?: FailedEntry[] | undefined;
}

export interface FailedEntry {
  Id?: string | undefined;
  Code?: string | undefined;
  Message?: string | undefined;
  SenderFault?: boolean | undefined;
}

/** A message in SQS's form. */
export interface OutgoingMessage {
  MessageBody: string;
  MessageAttributes?: Record<string, { DataType: string; StringValue: string }>;
}

/** The two calls of SQS, each tried once; their errors are not yet classified. */
export interface Sqs {
  sendMessage(message: OutgoingMessage, signal: AbortSignal): Promise<{ MessageId?: string | undefined }>;
  sendMessageBatch(entries: ({ Id: string } & OutgoingMessage)[], signal: AbortSignal): Promise<BatchAnswer>;
  /** Closes the connections, unless the client is the caller's own. */
  close(): void;
}

/** SQS by its SDK. Phones take `sqs.native.ts` instead of this file. */
export function openSqs(queue: Queue, options: ResolvedOptions, guest: GuestProvider | undefined): Sqs {
  const client = options.client ?? new SQSClient(clientConfig(queue, options, guest));
  const QueueUrl = queue.url;
  return {
    sendMessage: (message, abortSignal) => {
      return client.send(new SendMessageCommand({ QueueUrl, ...message }), { abortSignal });
    },
    sendMessageBatch: (Entries, abortSignal) => {
      return client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
    },
    close() {
      if (options.client === undefined) client.destroy();
    },
  };
}

function clientConfig(queue: Queue, options: ResolvedOptions, guest: GuestProvider | undefined): SQSClientConfig {
  const region = options.region ?? queue.region;
  const endpoint = options.endpoint ?? queue.endpoint;
  const credentials = options.credentials ?? guest;
  return {
    maxAttempts: 1, // the sender's own retry is the only one
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
