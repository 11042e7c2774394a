/** Sends conditional writes with UpdateItem, DeleteItem and PutItem: for writes that no statement can express. */
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { ConditionalWrite, ConditionalWriter, WriteAnswer } from "./conditionalWrite";
import { requestOf } from "./itemRequests";
import { inLanes } from "./lanes";
import { requestsAtOnce, WriteCost } from "./pace";
import { failedAnswer, isRejection } from "./rejections";
import { abortedBy, type WriterOptions } from "./statementSender";

export class ItemWriter implements ConditionalWriter {
  constructor(
    private readonly table: string,
    private readonly options: WriterOptions,
  ) {}

  async write(writes: readonly ConditionalWrite[]): Promise<WriteAnswer[]> {
    const answers: WriteAnswer[] = new Array(writes.length);
    const { limits, requestMs, unitsPerWrite = 1 } = this.options;
    const msPerWrite = new WriteCost(unitsPerWrite).ms(limits());
    let next = 0;
    await inLanes(
      () => Math.min(writes.length, requestsAtOnce(msPerWrite, 1, requestMs?.())),
      () => (next < writes.length ? [next++] : []),
      async ([at = 0]) => {
        answers[at] = await this.writeOne(writes[at]!);
      },
    );
    return answers;
  }

  private async writeOne(write: ConditionalWrite): Promise<WriteAnswer> {
    const send = requestOf(this.table, write);
    let attempts = 0;
    try {
      const deleted = await this.options.retry(() => {
        attempts++;
        return send(this.options.client, abortedBy(this.options));
      });
      return { end: "written", ...(deleted && { deleted }) };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { end: "refused", item: error.Item, ...(attempts > 1 && { repeated: true }) };
      }
      if (isRejection(error)) return failedAnswer(error, attempts);
      throw error;
    }
  }
}
