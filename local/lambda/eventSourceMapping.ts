import { setTimeout as sleep } from "node:timers/promises";
import { type DelayedBatch, deliveries } from "../faults/delivery";
import type { Faults } from "../faults/faults";
import type { InvocationResult } from "./functionSpec";

/** One call of SQS as the function's role. */
export type SqsCall = <T>(action: string, input: object) => Promise<T>;

export interface EventSourceMappingOptions {
  queueUrl: string;
  queueArn: string;
  region: string;
  /** Most records in a batch. */
  batchSize: number;
  /** Longest wait for a batch to fill, in seconds. */
  batchWindowSeconds: number;
  /** Most batches in work at once. */
  maximumConcurrency: number;
  /** Whether the function's answer may name the records that failed. */
  reportBatchItemFailures: boolean;
  faults: Faults;
  sqs: SqsCall;
  invoke: (event: unknown) => Promise<InvocationResult>;
  onError: (error: unknown) => void;
}

interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  /** Base64. */
  BinaryValue?: string;
}

interface ReceivedMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, MessageAttribute>;
}

/** SQS returns at most this many messages in a call. */
const RECEIVE_MAX = 10;
/** Lambda takes at most 6 MB of a synchronous payload; a batch is cut before that. */
const BATCH_BYTES = 6 * 1_000_000;
const LONG_POLL_SECONDS = 20;

/** Polls a queue for a function as Lambda does: batch size and window, maximum concurrency, partial batch responses. */
export class EventSourceMapping {
  readonly #options: EventSourceMappingOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #loop: Promise<void> | undefined;

  constructor(options: EventSourceMappingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#poll();
  }

  /** Stops receiving. Batches in work are left to the functions, which are stopped after this. */
  stop(): void {
    this.#stopping.abort();
  }

  async stopped(): Promise<void> {
    await this.#loop;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        for (const batch of await this.#receiveBatches()) {
          for (const delivery of deliveries(this.#options.faults, this.#options.queueUrl, batch)) {
            while (this.#running.size >= this.#options.maximumConcurrency) await Promise.race(this.#running);
            this.#start(delivery);
          }
        }
        while (this.#running.size >= this.#options.maximumConcurrency) await Promise.race(this.#running);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        this.#options.onError(error);
        await sleep(500, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  /** A batch that is held back doesn't count among the running ones. */
  #start({ messages, afterMs }: DelayedBatch<ReceivedMessage>): void {
    const { signal } = this.#stopping;
    if (afterMs > 0) {
      const now = { messages, afterMs: 0 };
      void sleep(afterMs, undefined, { signal })
        .then(() => this.#start(now))
        .catch(() => undefined);
      return;
    }
    const work: Promise<void> = this.#process(messages)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#options.onError(error);
      })
      .finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  /** Receives until a batch is full or its window is over; more than one batch only if the size requires it. */
  async #receiveBatches(): Promise<ReceivedMessage[][]> {
    const { batchSize, batchWindowSeconds } = this.#options;
    const messages = await this.#receive(Math.min(batchSize, RECEIVE_MAX), LONG_POLL_SECONDS);
    const windowEnd = Date.now() + batchWindowSeconds * 1000;
    while (messages.length > 0 && messages.length < batchSize && !this.#stopping.signal.aborted) {
      const leftMs = windowEnd - Date.now();
      if (leftMs <= 0) break;
      const waitSeconds = Math.min(LONG_POLL_SECONDS, Math.ceil(leftMs / 1000));
      messages.push(...(await this.#receive(Math.min(batchSize - messages.length, RECEIVE_MAX), waitSeconds)));
    }
    return cutByBytes(messages);
  }

  async #receive(max: number, waitSeconds: number): Promise<ReceivedMessage[]> {
    const answer = await this.#options.sqs<{ Messages?: ReceivedMessage[] }>("ReceiveMessage", {
      QueueUrl: this.#options.queueUrl,
      MaxNumberOfMessages: max,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    return answer.Messages ?? [];
  }

  async #process(batch: ReceivedMessage[]): Promise<void> {
    const result = await this.#options.invoke({ Records: batch.map((message) => this.#record(message)) });
    const done = this.#options.reportBatchItemFailures ? succeeded(batch, result) : allOrNone(batch, result);
    for (let start = 0; start < done.length; start += RECEIVE_MAX) {
      const entries = done.slice(start, start + RECEIVE_MAX);
      await this.#options.sqs("DeleteMessageBatch", {
        QueueUrl: this.#options.queueUrl,
        Entries: entries.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      });
    }
  }

  #record(message: ReceivedMessage) {
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(Object.entries(message.MessageAttributes ?? {}).map(asEvent)),
      md5OfBody: message.MD5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: this.#options.queueArn,
      awsRegion: this.#options.region,
    };
  }
}

/** An attribute as a function's event has it, which writes names with a small first letter. */
function asEvent([name, { DataType, StringValue, BinaryValue }]: [string, MessageAttribute]) {
  const value = {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
  };
  return [name, { ...value, stringListValues: [], binaryListValues: [], dataType: DataType }] as const;
}

/**
 * The messages to delete after a partial batch response, by Lambda's rules: a null, empty or `{}` answer means that all
 * are done; a malformed answer, or one that names an unknown message, means that none is.
 */
export function succeeded<T extends { MessageId: string }>(batch: T[], result: InvocationResult): T[] {
  if ("functionError" in result) return [];
  const answer: unknown = JSON.parse(result.payload);
  if (answer === null || answer === "") return batch;
  if (typeof answer !== "object" || Array.isArray(answer)) return [];
  const failures = (answer as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return batch;
  if (!Array.isArray(failures)) return [];
  const failed = new Set(failures.map((failure: { itemIdentifier?: unknown }) => failure?.itemIdentifier));
  const known = new Set<unknown>(batch.map(({ MessageId }) => MessageId));
  if (![...failed].every((id) => known.has(id))) return [];
  return batch.filter(({ MessageId }) => !failed.has(MessageId));
}

function allOrNone<T>(batch: T[], result: InvocationResult): T[] {
  return "functionError" in result ? [] : batch;
}

function cutByBytes(messages: ReceivedMessage[]): ReceivedMessage[][] {
  const batches: ReceivedMessage[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const bytes = Buffer.byteLength(JSON.stringify(message));
    if (size + bytes > BATCH_BYTES) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(message);
    size += bytes;
  }
  return batches;
}
