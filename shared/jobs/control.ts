/**
 * What operators do to a job: create, pause, resume, cancel, change the rate. Job and ledger change in one transaction, but
 * for the rate, which is in force once the ledger has it; the record only shows it.
 * Workers learn of it within seconds through the ledger, which they visit anyway.
 */
import { randomUUID } from "node:crypto";
import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../aws/transient";
import { type UpdateParts, updateOf } from "../aws/update";
import { DynamoDbLedger } from "../capacity/ledger/dynamoDbLedger";
import { Ledger } from "../capacity/ledger/ledger";
import { pauseUpdate } from "../capacity/ledger/pauseChange";
import type { CapacityLimits } from "../capacity/metering/limits";
import { SluiceError } from "../errors";
import type { Job, JobState } from "./job";
import { readLimits } from "./rate";
import { jobKey, type Key, ledgerKey, listKey, toAttributes } from "./storage/jobsTable";
import { readJob } from "./storage/reading";

type TransactItem = NonNullable<TransactWriteItemsCommandInput["TransactItems"]>[number];

/** From which states an operator may do what. */
const allowedFrom = {
  pause: ["starting", "running"],
  // Of a running job too: it puts messages back that somebody removed.
  resume: ["paused", "starting", "running", "failed"],
  cancel: ["starting", "running", "paused", "failed"],
  rate: ["starting", "running", "paused"],
} as const satisfies Record<string, readonly JobState[]>;

/** How long a change is tried for, milliseconds. */
const RETRY_MS = 10_000;

export type ControlVerb = keyof typeof allowedFrom;

export class JobControl {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly now: () => number,
  ) {}

  /**
   * Opens the ledger, then writes the job and its entry in the list. False: there is a job of this id already.
   */
  async create(job: Job): Promise<boolean> {
    const opened = await this.persist(() => this.ledger(job.id).create(job.limits, this.now()));
    const entry = { id: job.id };
    const made = await this.transact([this.put(job, jobKey(job.id)), this.put(entry, listKey(job.id, job.createdAt))]);
    // The ledger of an attempt that crashed before the job was made may hold another rate.
    if (made && !opened) await this.configure(job.id, job.limits);
    return made;
  }

  /** Stops the job: workers put their units down, and nothing of it runs or costs until it is resumed. */
  async pause(id: string): Promise<Job> {
    return this.change(id, "pause", { set: { state: "paused" } }, true);
  }

  /** Ends the job for good. What it has done stays. */
  async cancel(id: string): Promise<Job> {
    const set = { state: "cancelled", endedAt: this.now() };
    return this.change(id, "cancel", { set }, true);
  }

  /**
   * Opens a new epoch in which all unfinished units, failed ones too, are to be done. The caller then sends a message for
   * each of them and calls `started`; a crash in between leaves the job `starting`, and resuming again makes it good. If
   * none is unfinished, the last having ended while the job was paused, it sends one for any unit all the same: whoever
   * gets it ends the job, which nobody has done yet.
   */
  async resume(id: string): Promise<Job> {
    const reset = { state: "starting", unitsFailed: 0, endedAt: undefined, announced: undefined, reason: undefined };
    return this.change(id, "resume", { set: reset, add: { epoch: 1 } }, false);
  }

  /** All messages of this epoch are sent. False: the job is not `starting` any more. */
  async started({ id, epoch }: Job): Promise<boolean> {
    const condition = "#state = :starting AND #epoch = :epoch";
    return this.transact([
      this.update(id, { condition, values: { starting: "starting", epoch }, set: { state: "running" } }),
    ]);
  }

  /** Changes what all workers together may consume, RCU/s. */
  async changeRate(id: string, rcu: number): Promise<Job> {
    const job = await this.read(id);
    this.permit(job, "rate");
    if (!(rcu > 0)) throw refused("INVALID_RATE", `The rate must be above 0 RCU/s, got ${rcu}.`, rcu);
    if (rcu > job.mostRcu) {
      const what = job.source.index === undefined ? "table" : "index";
      const message = `The rate must be at most what the ${what} has, ${job.mostRcu} RCU/s, got ${rcu}.`;
      throw refused("RATE_TOO_HIGH", message, rcu);
    }
    const limits = readLimits(rcu, job.source.index);
    await this.configure(id, limits);
    await this.transact([this.update(id, { condition: "attribute_exists(#pk)", set: { limits } })]);
    return { ...job, limits };
  }

  /** @throws SluiceError NO_SUCH_JOB */
  async read(id: string): Promise<Job> {
    const job = await readJob(this.client, this.table, id);
    if (job === undefined) throw refused("NO_SUCH_JOB", `There is no job ${id}.`, id);
    return job;
  }

  /** Changes job and ledger together, or says why not. */
  private async change(id: string, verb: ControlVerb, job: UpdateParts, paused: boolean): Promise<Job> {
    const states = allowedFrom[verb];
    const values = Object.fromEntries(states.map((state) => [state, state]));
    const condition = `#state IN (${states.map((state) => `:${state}`).join(", ")})`;
    const ledgerUpdate = pauseUpdate({ table: this.table, key: ledgerKey(id, "read") }, paused);
    for (;;) {
      const done = await this.transact([this.update(id, { ...job, condition, values }), { Update: ledgerUpdate }]);
      const now = await this.read(id);
      if (done) return now;
      // Where it is permitted now, somebody else changed the job between the two: the change is still to be made.
      this.permit(now, verb);
    }
  }

  private permit(job: Job, verb: ControlVerb): void {
    if ((allowedFrom[verb] as readonly JobState[]).includes(job.state)) return;
    const what =
      verb === "rate" ? "cannot change its rate" : `cannot be ${verb === "cancel" ? "cancelled" : `${verb}d`}`;
    throw refused("WRONG_STATE", `Job ${job.id} is ${job.state}; it ${what}.`, job.state);
  }

  private async configure(id: string, limits: CapacityLimits): Promise<void> {
    await this.persist(() => this.ledger(id).configure(limits, this.now()));
  }

  private ledger(id: string): Ledger {
    return new Ledger(new DynamoDbLedger({ client: this.client, table: this.table, key: ledgerKey(id, "read") }));
  }

  private put(record: object, key: Key): TransactItem {
    const Item = { ...key, ...toAttributes(record) };
    return { Put: { TableName: this.table, Item, ConditionExpression: "attribute_not_exists(pk)" } };
  }

  private update(id: string, parts: UpdateParts): TransactItem {
    return { Update: { TableName: this.table, Key: jobKey(id), ...updateOf(parts) } };
  }

  /** False where a condition does not hold. The token makes a repetition after a lost answer the same transaction. */
  private async transact(TransactItems: TransactItem[]): Promise<boolean> {
    const ClientRequestToken = randomUUID();
    const command = () => new TransactWriteItemsCommand({ TransactItems, ClientRequestToken });
    try {
      await this.persist(() => this.client.send(command()));
      return true;
    } catch (error) {
      const reasons = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (reasons.some(({ Code }) => Code === "ConditionalCheckFailed")) return false;
      throw error;
    }
  }

  /** Workers write to the ledger all the time, so conflicts with them are to be expected. */
  private persist<T>(call: () => Promise<T>): Promise<T> {
    return retryTransient(call, AbortSignal.timeout(RETRY_MS));
  }
}

function refused(code: string, message: string, value: unknown): SluiceError {
  return new SluiceError(code, message, { value });
}
