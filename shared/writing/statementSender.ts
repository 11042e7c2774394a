/** Sends conditional writes as PartiQL statements, 25 to a request. */
import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../aws/itemSize";
import type { CapacityLimits } from "../capacity/metering/limits";
import type { ConditionalWrite, WriteAnswer } from "./conditionalWrite";
import { keyText } from "./keyText";
import { BatchQueue, inLanes, type Queued } from "./lanes";
import { batchesAtOnce, batchSize, WriteCost } from "./pace";
import { failedAnswer, halvingRejected } from "./rejections";
import { exceptionOf, meaningOf } from "./statementErrors";
import { statementOf, type WriteStatement } from "./statements";

export interface WriterOptions {
  /** A client whose requests wait for capacity, below the retries. */
  readonly client: DynamoDBClient;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
  /** The present write limit of all workers together; undefined: no limit. */
  readonly limits: () => CapacityLimits | undefined;
  /** Average duration of a request lately, without its wait for capacity, milliseconds. Default: nobody knows. */
  readonly requestMs?: () => number | undefined;
  /** The assumed cost of a write before the first response, capacity units. Default 1. */
  readonly unitsPerWrite?: number;
  /** Aborts requests under way, and those that wait for capacity, when the time for work is over. Default: they go on. */
  readonly signal?: AbortSignal;
}

/** For `client.send`. */
export function abortedBy({ signal }: Pick<WriterOptions, "signal">): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

class Pending implements Queued {
  attempts = 0;
  answer: WriteAnswer | undefined;
  /** Only while it is under way: the statements of a whole page would outlive the garbage collector's young generation. */
  statement: WriteStatement | undefined;
  readonly id: string;

  constructor(private readonly write: ConditionalWrite) {
    this.id = keyText(write.key);
  }

  /** Makes the statement. @returns whether the write has one. */
  say(table: string): boolean {
    this.statement = statementOf(table, this.write);
    return this.statement !== undefined;
  }

  get request(): BatchStatementRequest {
    const { text: Statement, parameters } = this.statement!;
    const Parameters = parameters as BatchStatementRequest["Parameters"];
    return { Statement, Parameters, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
  }

  /** @throws an error that concerns every statement. @returns a transient error. */
  take({ Error: error, Item }: BatchStatementResponse): Error | undefined {
    if (error === undefined) {
      if (!this.statement!.deletes) this.settle({ end: "written" });
      else this.settle(Item === undefined ? this.refused(undefined) : { end: "written", deleted: Item });
      return undefined;
    }
    const meaning = meaningOf(error.Code);
    if (meaning === "refused") {
      this.settle(this.refused(error.Item));
      return undefined;
    }
    const exception = exceptionOf(error.Code, error.Message);
    if (meaning === "all") throw exception;
    if (meaning === "passing") return exception;
    this.settle(failedAnswer(exception, this.attempts));
    return undefined;
  }

  private refused(item: Item | undefined): WriteAnswer {
    return { end: "refused", item, ...(this.attempts > 1 && { repeated: true }) };
  }

  settle(answer: WriteAnswer): void {
    this.answer = answer;
    this.statement = undefined;
  }
}

/** Remembers the cost of writes from one call to the next. */
export class StatementSender {
  private readonly cost: WriteCost;

  constructor(
    private readonly table: string,
    private readonly options: WriterOptions,
  ) {
    this.cost = new WriteCost(options.unitsPerWrite ?? 1);
  }

  /**
   * Sends the writes as statements, several batches at a time. Statements that fail for a transient reason are sent again, the
   * others of their batch are not. Resolves once all are settled, with the answers in the order of the writes; undefined: no
   * statement can express the write, so it was not sent.
   */
  async send(writes: readonly ConditionalWrite[]): Promise<(WriteAnswer | undefined)[]> {
    const all = writes.map((write) => new Pending(write));
    const queue = new BatchQueue(all);
    const ms = () => this.cost.ms(this.options.limits());
    await inLanes(
      () => batchesAtOnce(all.length, ms(), this.options.requestMs?.()),
      () => queue.take(batchSize(ms())),
      (batch) => this.sendBatch(batch.filter((each) => each.say(this.table))),
    );
    return all.map(({ answer }) => answer);
  }

  private async sendBatch(batch: readonly Pending[]): Promise<void> {
    if (batch.length === 0) return;
    const reject = (one: Pending, error: Error) => one.settle(failedAnswer(error, one.attempts));
    await halvingRejected(batch, (part) => this.untilSettled(part), unsettled, reject);
  }

  private async untilSettled(batch: readonly Pending[]): Promise<void> {
    let left = batch;
    await this.options.retry(async () => {
      const passing = await this.sendOnce(left);
      left = unsettled(left);
      if (passing !== undefined) throw passing;
    });
  }

  /** @returns an error of a statement that has to be sent again. */
  private async sendOnce(batch: readonly Pending[]): Promise<Error | undefined> {
    for (const each of batch) each.attempts++;
    const input = { Statements: batch.map(({ request }) => request), ReturnConsumedCapacity: "INDEXES" as const };
    const command = new BatchExecuteStatementCommand(input);
    const { Responses = [], ConsumedCapacity } = await this.options.client.send(command, abortedBy(this.options));
    if (Responses.length !== batch.length) throw shortAnswer(Responses.length, batch.length);
    this.cost.learn(ConsumedCapacity, Responses.filter((each) => each.Error === undefined).length);
    let passing: Error | undefined;
    batch.forEach((each, i) => {
      passing = each.take(Responses[i]!) ?? passing;
    });
    return passing;
  }
}

function unsettled(batch: readonly Pending[]): Pending[] {
  return batch.filter(({ answer }) => answer === undefined);
}

function shortAnswer(got: number, asked: number): Error {
  return new Error(`DynamoDB must answer each of ${asked} statements of a batch, but answered ${got}.`);
}
