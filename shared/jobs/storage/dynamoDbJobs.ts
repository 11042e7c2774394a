/** Job records in the jobs table, as workers use them. What operators do to them is in control.ts. */
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { type UpdateParts, updateOf } from "../../aws/update";
import type { Job } from "../job";
import type { JobEnd, JobStore } from "../stores";
import type { JobsTableOptions } from "./dynamoDbUnits";
import { jobKey, jsonAttribute } from "./jobsTable";
import { pauseLedgers } from "./ledgers";
import { readJob } from "./reading";

const UNCHANGED = "#state = :state AND #epoch = :epoch AND #unitsDone = :unitsDone AND #unitsFailed = :unitsFailed";

export class DynamoDbJobs implements JobStore {
  constructor(private readonly options: JobsTableOptions) {}

  read(job: string): Promise<Job | undefined> {
    const { client, table, retry } = this.options;
    return retry(() => readJob(client, table, job));
  }

  end({ id, state, epoch, unitsDone, unitsFailed }: Job, end: JobEnd, now: number): Promise<boolean> {
    const values = { state, epoch, unitsDone, unitsFailed };
    const { state: final, result, reason } = end;
    return this.update(id, {
      condition: UNCHANGED,
      values,
      set: { state: final, result: jsonAttribute(result), reason, endedAt: now },
    });
  }

  async stop(seen: Job, reason: string, now: number): Promise<boolean> {
    const { client, table: TableName, retry } = this.options;
    const { id, epoch } = seen;
    const parts = {
      condition: "#state IN (:starting, :running) AND #epoch = :epoch",
      values: { starting: "starting", running: "running", epoch },
      set: { state: "failed", reason, endedAt: now },
    };
    const job = { Update: { TableName, Key: jobKey(id), ...updateOf(parts) } };
    const TransactItems = [job, ...pauseLedgers(TableName, seen, true)];
    try {
      await retry(() => client.send(new TransactWriteItemsCommand({ TransactItems })));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      if (error.CancellationReasons?.some(({ Code }) => Code === "ConditionalCheckFailed") !== true) throw error;
      return false;
    }
  }

  async announced({ id, state, epoch }: Job): Promise<void> {
    const condition = "#state = :state AND #epoch = :epoch";
    await this.update(id, { condition, values: { state, epoch }, set: { announced: true } });
  }

  private async update(job: string, parts: UpdateParts): Promise<boolean> {
    const { client, table, retry } = this.options;
    const input = { TableName: table, Key: jobKey(job), ...updateOf(parts) };
    try {
      await retry(() => client.send(new UpdateItemCommand(input)));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
