/** Puts items without a condition, 25 in a request, for copies. */
import { BatchWriteItemCommand, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../aws/itemSize";
import { unprocessed } from "../aws/unprocessed";
import { writeCapacityUnits } from "../capacity/metering/capacityUnits";
import type { WriteAnswer } from "./conditionalWrite";
import { keyText } from "./keyText";
import { BatchQueue, inLanes, type Queued } from "./lanes";
import { batchesAtOnce, batchSize, WriteCost } from "./pace";
import { failedAnswer, halvingRejected } from "./rejections";
import { abortedBy, type WriterOptions } from "./statementSender";

/**
 * Item bytes in a request. A request may have 16 MB on the network. There binary takes a third more, and a number or a
 * control character several times as much. Batches that grow even more are halved, as if they were rejected.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
const MOST_BYTES = 4 * 1024 * 1024;

export type PutAnswer = Exclude<WriteAnswer, { end: "refused" }>;

export interface BatchPutterOptions extends WriterOptions {
  /** Table that is written. */
  readonly table: string;
  /** Names of its key attributes. */
  readonly keys: readonly string[];
}

interface Pending extends Queued {
  readonly request: WriteRequest;
  attempts: number;
  answer: PutAnswer | undefined;
}

/** Remembers the cost of puts from one call to the next. */
export class BatchPutter {
  private cost: WriteCost | undefined;

  constructor(private readonly options: BatchPutterOptions) {}

  /**
   * Puts the items, several batches at a time, and repeats those that DynamoDB leaves unprocessed. Resolves once all are
   * settled, with the answers in the order of the items. If several items have the same key, any of them may be the last.
   *
   * @throws the error of a request that isn't the fault of one item.
   */
  async put(items: readonly Item[]): Promise<PutAnswer[]> {
    const all = items.map((item) => this.pending(item));
    const queue = new BatchQueue(all, MOST_BYTES);
    const { limits, unitsPerWrite } = this.options;
    this.cost ??= new WriteCost(unitsPerWrite ?? averageUnits(all));
    const { cost } = this;
    const ms = () => cost.ms(limits());
    await inLanes(
      () => batchesAtOnce(all.length, ms(), this.options.requestMs?.()),
      () => queue.take(batchSize(ms())),
      (batch) =>
        halvingRejected(
          batch,
          (part) => this.untilSettled(part, cost),
          unsettled,
          (one, error) => {
            one.answer = failedAnswer(error, one.attempts);
          },
        ),
    );
    return all.map(({ answer }) => answer!);
  }

  private pending(item: Item): Pending {
    const request = { PutRequest: { Item: item } };
    return { id: this.idOf(item), bytes: itemBytes(item), request, attempts: 0, answer: undefined };
  }

  private idOf(item: Item): string {
    return keyText(Object.fromEntries(this.options.keys.map((name) => [name, item[name] ?? {}])) as Item);
  }

  private idOfPut({ PutRequest }: WriteRequest): string {
    return this.idOf(PutRequest?.Item ?? {});
  }

  private async untilSettled(batch: readonly Pending[], cost: WriteCost): Promise<void> {
    let left = batch;
    await this.options.retry(async () => {
      await this.sendOnce(left, cost);
      left = unsettled(left);
      if (left.length > 0) throw unprocessed(left.length, "items");
    });
  }

  private async sendOnce(batch: readonly Pending[], cost: WriteCost): Promise<void> {
    const { client, table } = this.options;
    for (const each of batch) each.attempts++;
    const RequestItems = { [table]: batch.map(({ request }) => request) };
    const command = new BatchWriteItemCommand({ RequestItems, ReturnConsumedCapacity: "INDEXES" });
    const { UnprocessedItems = {}, ConsumedCapacity } = await client.send(command, abortedBy(this.options));
    const undone = new Set(Object.values(UnprocessedItems).flatMap((left) => left.map((each) => this.idOfPut(each))));
    const done = batch.filter(({ id }) => !undone.has(id));
    // If an unprocessed item were not in the batch, another item would wrongly count as written.
    if (done.length + undone.size !== batch.length)
      throw new Error("DynamoDB left items unprocessed that it was not sent.");
    for (const each of done) each.answer = { end: "written" };
    cost.learn(ConsumedCapacity, done.length);
  }
}

function unsettled(batch: readonly Pending[]): Pending[] {
  return batch.filter(({ answer }) => answer === undefined);
}

function averageUnits(all: readonly Pending[]): number {
  if (all.length === 0) return 1;
  return all.reduce((sum, { bytes = 0 }) => sum + writeCapacityUnits(bytes), 0) / all.length;
}
