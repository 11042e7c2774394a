/** The queue driver: an SQS queue hands work to workers, one message for each turn of a chain. */
import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import pLimit from "p-limit";
import { SluiceError } from "../../errors";
import { isPlainObject } from "../../json";
import type { ChainTurn, Driver } from "../driver";

/** SendMessageBatch takes at most this many entries. */
const ENTRIES_MAX = 10;
/** Requests under way at once. */
const CONCURRENCY = 8;

export interface SqsUnitQueueOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
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

  /** If part of a batch was refused, the whole batch is sent again: a duplicate message does no harm. */
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
    // An entry with `SenderFault` fails at every attempt.
    const { Code, Message, SenderFault } = Failed.find((each) => each.SenderFault) ?? Failed[0]!;
    const error = new Error(`${Failed.length} of ${batch.length} messages were not accepted: ${Message ?? Code}`);
    const passes = SenderFault ? {} : { $retryable: { throttling: false } };
    throw Object.assign(error, { name: Code ?? "SendFailed", ...passes });
  }
}

/** @throws SluiceError BAD_MESSAGE */
export function chainTurn(body: string): ChainTurn {
  let cause: unknown;
  try {
    const turn = turnIn(JSON.parse(body));
    if (turn !== undefined) return turn;
  } catch (error) {
    cause = error;
  }
  const message = "A message of the unit queue must be { job, chain, turn, unit? }.";
  throw new SluiceError("BAD_MESSAGE", message, { value: body.slice(0, 1024), cause });
}

/** Undefined: the text is not a turn. */
function turnIn(given: unknown): ChainTurn | undefined {
  if (!isPlainObject(given)) return undefined;
  const { job, chain, turn, unit } = given;
  if (typeof job !== "string" || job === "" || !isCount(chain) || !isCount(turn)) return undefined;
  if (unit === undefined) return { job, chain, turn };
  return isCount(unit) ? { job, chain, turn, unit } : undefined;
}

function isCount(given: unknown): given is number {
  return Number.isInteger(given) && (given as number) >= 0;
}
