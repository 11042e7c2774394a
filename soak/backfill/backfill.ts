import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ChildCloud } from "../../local/childCloud";
import type { SoakDriver } from "../driver";
import { Scanner } from "../scan/scanner";

/** The backfill of a running local cloud, with an operator's means. */
export class Backfill extends Scanner {
  declare readonly driver: SoakDriver;

  /** A client for concurrent writers, which waits out throttles. */
  readonly foreign: DynamoDBClient;

  constructor(cloud: ChildCloud, driver: SoakDriver) {
    super(cloud, driver);
    this.foreign = new DynamoDBClient({ ...cloud.client, maxAttempts: 20 });
  }

  protected override get queues(): { units: string; deadLetters: string } {
    return { units: this.outputs.writingQueueUrl, deadLetters: this.outputs.writingDeadLetterQueueUrl };
  }
}
