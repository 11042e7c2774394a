/** Sends PartiQL statements, 25 to a request. */
import {
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import type { WriteAnswer } from "./conditionalWrite";
import { BatchQueue, inLanes, type Queued } from "./lanes";
import { batchSize, requestsAtOnce, UnitsPerWrite } from "./pace";
import { failedAnswer, halvingRejected } from "./rejections";
import { exceptionOf, meaningOf } from "./statementErrors";
import type { WriteStatement } from "./statements";

export interface WriterOptions {
  /** Its requests wait for capacity below the retries. */
  readonly client: DynamoDBClient;
  /** Repeats a call for as long as it fails for a passing reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
  /** Write capacity units per second that all workers together may consume now; undefined: there is no limit. */
  readonly perSecond: () => number | undefined;
  /** Guess of what a write costs before the first response, capacity units. Default 1. */
  readonly unitsPerWrite?: number;
}

export interface KeyedStatement {
  /** Text of the item's key. */
  readonly id: string;
  readonly statement: WriteStatement;
}

class Pending implements Queued {
  attempts = 0;
  answer: WriteAnswer | undefined;
  readonly id: string;
  readonly request: BatchStatementRequest;
  private readonly deletes: boolean;

  constructor({ id, statement: { text, parameters, deletes } }: KeyedStatement) {
    this.id = id;
    this.deletes = deletes;
    this.request = {
      Statement: text,
      Parameters: parameters as BatchStatementRequest["Parameters"],
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    };
  }

  /** @throws an error that concerns every statement. @returns an error that passes. */
  take({ Error: error, Item }: BatchStatementResponse): Error | undefined {
    if (error === undefined) {
      this.answer = this.deletes && Item === undefined ? { end: "refused", item: undefined } : { end: "written" };
      return undefined;
    }
    const meaning = meaningOf(error.Code);
    if (meaning === "refused") {
      this.answer = { end: "refused", item: error.Item };
      return undefined;
    }
    const exception = exceptionOf(error.Code, error.Message);
    if (meaning === "all") throw exception;
    if (meaning === "passing") return exception;
    this.answer = failedAnswer(exception, this.attempts);
    return undefined;
  }
}

/** Remembers what writes cost from one call to the next. */
export class StatementSender {
  private readonly units: UnitsPerWrite;

  constructor(private readonly options: WriterOptions) {
    this.units = new UnitsPerWrite(options.unitsPerWrite ?? 1);
  }

  /**
   * Sends the statements, several batches at a time. Those of a batch that fail for a passing reason are sent again, the others
   * not. Resolves once all are settled, with the answers in the order of the statements.
   */
  async send(statements: readonly KeyedStatement[]): Promise<WriteAnswer[]> {
    const all = statements.map((statement) => new Pending(statement));
    const queue = new BatchQueue(all);
    const { perSecond } = this.options;
    const size = () => batchSize(perSecond(), this.units.value);
    const lanes = Math.min(requestsAtOnce(perSecond(), this.units.value, size()), Math.ceil(all.length / size()));
    await inLanes(
      lanes,
      () => queue.take(size()),
      (batch) =>
        halvingRejected(
          batch,
          (part) => this.untilSettled(part),
          unsettled,
          (one, error) => {
            one.answer = failedAnswer(error, one.attempts);
          },
        ),
    );
    return all.map(({ answer }) => answer!);
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
    const { Responses = [], ConsumedCapacity } = await this.options.client.send(
      new BatchExecuteStatementCommand(input),
    );
    if (Responses.length !== batch.length) throw shortAnswer(Responses.length, batch.length);
    this.units.learn(ConsumedCapacity, Responses.filter((each) => each.Error === undefined).length);
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
  return new Error(`DynamoDB must answer each of ${asked} statements of a batch, it answered ${got}.`);
}
