/** Job records in the jobs table, as workers use them. What operators do to them is in control.ts. */
import {
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import { type UpdateParts, updateOf } from "../../aws/update";
import { type AuditAction, PROGRAM } from "../audit";
import type { Job, JobHead, JobState } from "../job";
import type { Ended, FailedItems, FailureStore, JobEnd, JobStore, Recount } from "../stores";
import { auditEntry } from "./audit";
import { fromAttributes, jobKey, jsonAttribute } from "./jobsTable";
import { pauseLedgers } from "./ledgers";
import { readFailedItems, readHead, readJob } from "./reading";
import { type JobsTableOptions, updateRecord } from "./updateRecord";

const UNCHANGED = "#state = :state AND #epoch = :epoch";
const ACTIVE = "#state IN (:starting, :running)";
const active = { starting: "starting", running: "running" };

export class DynamoDbJobs implements JobStore, FailureStore {
  constructor(private readonly options: JobsTableOptions) {}

  read(job: string): Promise<Job | undefined> {
    const { client, table, retry } = this.options;
    return retry(() => readJob(client, table, job));
  }

  async claim(job: string, ended: Ended): Promise<{ claimed: boolean; head: JobHead | undefined }> {
    const { applied, item } = await updateRecord(this.options, jobKey(job), {
      condition: `${ACTIVE} AND #claimed < #units`,
      values: active,
      add: { claimed: 1, ...countsOf(ended) },
    });
    return { claimed: applied, head: item && fromAttributes<JobHead>(item) };
  }

  ended({ id, epoch }: Pick<JobHead, "id" | "epoch">, ended: Ended): Promise<boolean> {
    const condition = `${ACTIVE} AND #epoch = :epoch AND #unitsDone < #units`;
    return this.update(id, { condition, values: { ...active, epoch }, add: countsOf(ended) });
  }

  head(job: string): Promise<JobHead | undefined> {
    const { client, table, retry } = this.options;
    return retry(() => readHead(client, table, job));
  }

  setChains({ id, epoch, chains }: Pick<JobHead, "id" | "epoch" | "chains">, wanted: number): Promise<boolean> {
    const condition = "#epoch = :epoch AND #chains = :chains";
    return this.update(id, { condition, values: { epoch, chains }, set: { chains: wanted } });
  }

  /** A repetition after a lost answer recognizes its own write by the moment of the end. */
  async end(seen: Job, end: JobEnd, now: number): Promise<boolean> {
    const { id, state, epoch } = seen;
    const { state: final, unitsDone, unitsFailed, result, reason } = end;
    const parts = {
      condition: UNCHANGED,
      values: { state, epoch },
      set: { state: final, unitsDone, unitsFailed, result: jsonAttribute(result), reason, endedAt: now },
    };
    const { applied, item } =
      final === "completed"
        ? await updateRecord(this.options, jobKey(id), parts)
        : await this.transact(seen, parts, [this.entry(seen, "fail", reason ?? `${unitsFailed} units failed`, now)], {
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          });
    if (applied || item === undefined) return applied;
    const found = fromAttributes<JobHead>(item);
    return found.state === final && found.epoch === epoch && found.endedAt === now;
  }

  stop(seen: Job, reason: string, now: number): Promise<boolean> {
    return this.halt(seen, { state: "failed", reason, endedAt: now }, this.entry(seen, "fail", reason, now));
  }

  pause(seen: Job, reason: string, now: number): Promise<boolean> {
    return this.halt(seen, { state: "paused", reason }, this.entry(seen, "pause", reason, now));
  }

  async addFailures(job: string, failures: number): Promise<JobHead | undefined> {
    const parts = { condition: "attribute_exists(#pk)", add: { failures } };
    const { applied, item } = await updateRecord(this.options, jobKey(job), parts);
    return applied ? fromAttributes<JobHead>(item!) : undefined;
  }

  failedItems(job: string): Promise<FailedItems> {
    const { client, table, retry } = this.options;
    return readFailedItems(client, table, job, retry);
  }

  recount(seen: JobHead, { failures, mostFailures }: Recount): Promise<boolean> {
    const { id, epoch, failures: estimate = 0, recounts = 0 } = seen;
    const isNewest = recounts === 0 ? "attribute_not_exists(#recounts)" : "#recounts = :recounts";
    return this.update(id, {
      condition: `${ACTIVE} AND #epoch = :epoch AND ${isNewest}`,
      values: { ...active, epoch, ...(recounts > 0 && { recounts }) },
      set: { mostFailures },
      add: { failures: failures - estimate, recounts: 1 },
    });
  }

  /** Changes the state of an active job and pauses its ledgers, in one step. */
  private async halt(
    seen: Job,
    set: { state: JobState; reason: string; endedAt?: number },
    entry: TransactWriteItem,
  ): Promise<boolean> {
    const parts = { condition: `${ACTIVE} AND #epoch = :epoch`, values: { ...active, epoch: seen.epoch }, set };
    return (await this.transact(seen, parts, [...pauseLedgers(this.options.table, seen, true), entry])).applied;
  }

  /** Changes the head together with other items. `item`: the head that failed the condition, if `answer` asks for it. */
  private async transact(
    { id }: Job,
    parts: UpdateParts,
    others: readonly TransactWriteItem[],
    answer: { readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" } = {},
  ): Promise<{ applied: boolean; item: Item | undefined }> {
    const { client, table: TableName, retry } = this.options;
    const head = { Update: { TableName, Key: jobKey(id), ...updateOf(parts), ...answer } };
    try {
      await retry(() => client.send(new TransactWriteItemsCommand({ TransactItems: [head, ...others] })));
      return { applied: true, item: undefined };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      if (!reasons.some(({ Code }) => Code === "ConditionalCheckFailed")) throw error;
      return { applied: false, item: reasons[0]?.Item };
    }
  }

  /** A job is halted at most once in an epoch, and so is its end. */
  private entry(seen: Job, action: AuditAction, reason: string, at: number): TransactWriteItem {
    const entry = { at, caller: PROGRAM, action, details: { reason } };
    return auditEntry(this.options.table, seen, entry, `epoch-${seen.epoch}`);
  }

  async announced({ id, state, epoch }: Job): Promise<void> {
    await this.update(id, { condition: UNCHANGED, values: { state, epoch }, set: { announced: true } });
  }

  private async update(job: string, parts: UpdateParts): Promise<boolean> {
    return (await updateRecord(this.options, jobKey(job), parts)).applied;
  }
}

function countsOf({ done, failed }: Ended): Record<string, number> {
  return { ...(done > 0 && { unitsDone: done }), ...(failed > 0 && { unitsFailed: failed }) };
}
