/** The queue driver: an SQS queue hands work to workers, one message for each turn of a chain. */
import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import pLimit from "p-limit";
import * as v from "valibot";
import { SluiceError } from "../../errors";
import type { ChainTurn, Driver } from "../driver";

/** SendMessageBatch takes at most this many entries. */
const ENTRIES_MAX = 10;
/** Requests under way at once. */
const CONCURRENCY = 8;

export interface SqsUnitQueueOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Repeats a call for as long as it fails for a passing reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

export class SqsUnitQueue implements Driver {
  constructor(private readonly options: SqsUnitQueueOptions) {}

  async dispatch(turns: readonly ChainTurn[], delaySeconds = 0): Promise<void> {
    const limit = pLimit(CONCURRENCY);
    const batches: ChainTurn[][] = [];
    for (let start = 0; start < turns.length; start += ENTRIES_MAX) {
      batches.push(turns.slice(start, start + ENTRIES_MAX));
    }
    await Promise.all(
      batches.map((batch) => limit(() => this.options.retry(() => this.sendBatch(batch, delaySeconds)))),
    );
  }

  /** A batch of which a part was refused is sent again as a whole: a message too many does no harm. */
  private async sendBatch(batch: readonly ChainTurn[], delaySeconds: number): Promise<void> {
    const { sqs, queueUrl } = this.options;
    const Entries = batch.map((message, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(message),
      // SQS is fair between groups: a job of very many chains does not keep others from their workers.
      MessageGroupId: message.job,
      ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
    }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length === 0) return;
    // An entry that is the sender's fault fails however often it is sent.
    const { Code, Message, SenderFault } = Failed.find((each) => each.SenderFault) ?? Failed[0]!;
    const error = new Error(`${Failed.length} of ${batch.length} messages were not taken: ${Message ?? Code}`);
    const passes = SenderFault ? {} : { $retryable: { throttling: false } };
    throw Object.assign(error, { name: Code ?? "SendFailed", ...passes });
  }
}

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));
const Body = v.object({
  job: v.pipe(v.string(), v.nonEmpty()),
  chain: wholeNumber,
  turn: wholeNumber,
  unit: v.exactOptional(wholeNumber),
});

/** @throws SluiceError BAD_MESSAGE */
export function chainTurn(body: string): ChainTurn {
  try {
    return v.parse(Body, JSON.parse(body));
  } catch (cause) {
    const message = "A message of the unit queue must be { job, chain, turn, unit? }.";
    throw new SluiceError("BAD_MESSAGE", message, { value: body.slice(0, 1024), cause });
  }
}
