import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ChildCloud } from "../../local/childCloud";
import { messagesIn } from "../../local/messagesIn";
import { Scanner } from "../scan/scanner";

/** The backfill of a running local cloud, as an operator has it in hand. */
export class Backfill extends Scanner {
  /** For those who change tables meanwhile: throttles are waited out. */
  readonly foreign: DynamoDBClient;

  constructor(cloud: ChildCloud) {
    super(cloud);
    this.foreign = new DynamoDBClient({ ...cloud.client, maxAttempts: 20 });
  }

  /** Messages that are not done: waiting, hidden or delayed. */
  override backlog(): Promise<number> {
    return messagesIn(this.sqs, this.queueUrl("writingQueueUrl"));
  }

  override dead(): Promise<number> {
    return messagesIn(this.sqs, this.queueUrl("writingDeadLetterQueueUrl"));
  }

  private queueUrl(output: string): string {
    return (this.outputs as unknown as Record<string, string>)[output]!;
  }
}
