/**
 * What operators do to a job: create, pause, resume, cancel, change the rate. Job, ledgers and audit list change in one
 * transaction, except the rate: it is in force once the ledger has it; record and audit list only show it.
 * Workers learn of changes within seconds through the ledger, which they visit anyway.
 */
import { randomUUID } from "node:crypto";
import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { retryTransient } from "../aws/transient";
import { type UpdateParts, updateOf } from "../aws/update";
import { purposeOf } from "../capacity/metering/direction";
import { type CapacityLimits, sameLimits } from "../capacity/metering/limits";
import { addUsage, type Usage } from "../cost/usage";
import { SluiceError } from "../errors";
import { type AuditAction, type AuditDetails, type Origin, PROGRAM } from "./audit";
import { finalStates, type Job, type JobHead, type JobLimit, type JobState, tablesOf } from "./job";
import { auditEntry } from "./storage/audit";
import { activeKey, jobKey, type Key, listKey, specKey, toAttributes } from "./storage/jobsTable";
import { ledgerOf, pauseLedgers } from "./storage/ledgers";
import { hasLeftovers } from "./storage/leftovers";
import { noSuchJob, readActiveIds, readFailedItems, readHead, readHeads, readJob } from "./storage/reading";
import { type JobsTableOptions, updateRecord } from "./storage/updateRecord";

/** The states in which nothing is left to do for a verb. A running job can be resumed: see `allowedFrom`. */
const leadsTo = { pause: "paused", cancel: "cancelled" } as const satisfies Record<string, JobState>;

/** From which states an operator may do what. */
const allowedFrom = {
  pause: ["starting", "running"],
  // A running job too: resuming it replaces messages that somebody removed.
  resume: ["paused", "starting", "running", "failed"],
  cancel: ["starting", "running", "paused", "failed"],
  rate: ["starting", "running", "paused"],
  delete: ["completed", "failed", "cancelled"],
} as const satisfies Record<string, readonly JobState[]>;

/** For each verb, the part of a refusal's sentence after "it". */
const cannot: Record<keyof typeof allowedFrom, string> = {
  pause: "cannot be paused",
  resume: "cannot be resumed",
  cancel: "cannot be cancelled",
  rate: "cannot change its rate",
  delete: "cannot be deleted until it has ended or is cancelled",
};

/**
 * A job is resumed only if its records are kept for at least this long after that, seconds. The messages of its units live for
 * 13 days, and no record may expire meanwhile: the job's result would lack those of units that are done.
 */
const RESUMED_FOR_SECONDS = 14 * 86_400;

/** How long a change is retried, milliseconds. */
const RETRY_MS = 10_000;

export type ControlVerb = keyof typeof allowedFrom;

export class JobControl {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly now: () => number,
    /** Who makes the changes, for the audit list. Default: Sluice itself. */
    private readonly caller: () => Promise<string> = async () => PROGRAM,
  ) {}

  /**
   * Opens the ledgers, then writes the job and its entries in the lists. False: there is a job of this id already.
   *
   * @param setRates whether ledgers that exist already get the job's limits. In a limit group only the first job sets them.
   * @param origin the job whose redrive or undo this one is.
   * @throws SluiceError RECORDS_LEFT if an earlier job of this id has not wholly expired.
   */
  async create(
    job: Job,
    { setRates = true, origin }: { readonly setRates?: boolean; readonly origin?: Origin | undefined } = {},
  ): Promise<boolean> {
    if (await this.persist(() => hasLeftovers(this.client, this.table, job.id, this.now()))) {
      const message = `Records of an earlier job ${job.id} are still there: choose another id, or delete them with \`jobs delete\`.`;
      throw refused("RECORDS_LEFT", message, job.id);
    }
    const opened = await Promise.all(
      job.limits.map((limit) => this.persist(() => this.ledger(job, limit).create(limit.limits, this.now()))),
    );
    const { source, identity, operation, keys, target, targetIdentity, ...head } = job;
    const { id, expiresAt } = job;
    const made = await this.transact([
      this.put(head, jobKey(id), "attribute_not_exists(pk)"),
      this.put({ source, identity, operation, keys, target, targetIdentity, expiresAt }, specKey(id)),
      this.put({ id, expiresAt }, listKey(id, job.createdAt)),
      ...tablesOf(job).map((table) => this.put({ id, expiresAt }, activeKey(table, id))),
      // An earlier job of this id, paused in the group and expired since, has left its name there.
      ...(job.limitGroup === undefined ? [] : pauseLedgers(this.table, job, false)),
      await this.entry(job, "start", startDetails(job, origin)),
    ]);
    // An attempt that crashed before the job was made may have opened a ledger with another rate.
    if (made && setRates) {
      await Promise.all(
        job.limits.flatMap((limit, i) => (opened[i] ? [] : [this.configure(job, limit, limit.limits)])),
      );
    }
    return made;
  }

  /** Stops the job: workers put their units down, and nothing of it runs or costs until it is resumed. */
  async pause(id: string): Promise<Job> {
    return this.change(id, "pause", { set: { state: "paused" } }, true);
  }

  /** Ends the job for good. What it has done stays. */
  async cancel(id: string): Promise<Job> {
    return this.change(id, "cancel", { set: { state: "cancelled", endedAt: this.now() } }, true);
  }

  /**
   * Opens a new epoch, in which workers do all unfinished units, failed ones too. The caller then dispatches the job's chains
   * and calls `started`. A crash in between leaves the job `starting`, and resuming again repairs that. If the last unit
   * ended while the job was paused, the first chain ends the job.
   */
  async resume(id: string, chains: number): Promise<Job> {
    const reset = { state: "starting", unitsFailed: 0, chains, resumedAt: this.now(), ...(await this.failedSoFar(id)) };
    // An event about the end of the earlier epoch's execution may come late. It must not concern the new epoch.
    const ended = { endedAt: undefined, announced: undefined, reason: undefined, execution: undefined };
    return this.change(id, "resume", { set: { ...reset, ...ended }, add: { epoch: 1 } }, false);
  }

  /** From now on, as many items may fail as before. */
  private async failedSoFar(id: string): Promise<Pick<Job, "failuresBefore">> {
    if ((await this.read(id)).mostFailures === undefined) return {};
    const { client, table } = this;
    const found = await readFailedItems(client, table, id, (call) => this.persist(call));
    return { failuresBefore: found.failures };
  }

  /**
   * Notes that all chains of this epoch are dispatched. False: the job is not `starting` any more.
   * @param used usage of the start function for that. @param execution ARN of the execution that works on it now.
   */
  async started({ id, epoch, usage }: Job, used?: Usage, execution?: string): Promise<boolean> {
    const condition = "#state = :starting AND #epoch = :epoch";
    const values = { starting: "starting", epoch };
    const all = used && { usage: addUsage(usage ?? {}, used) };
    const set = { state: "running", reason: undefined, ...all, ...(execution && { execution }) };
    const parts = { condition, values, set };
    return (await updateRecord(this.records, jobKey(id), parts)).applied;
  }

  /** Notes why the chains of this epoch are not dispatched yet, unless the job is not `starting` any more. */
  async waits({ id, epoch }: Pick<Job, "id" | "epoch">, reason: string): Promise<void> {
    const condition = "#state = :starting AND #epoch = :epoch";
    await updateRecord(this.records, jobKey(id), {
      condition,
      values: { starting: "starting", epoch },
      set: { reason },
    });
  }

  /**
   * Changes what all workers together may consume under one of the job's limits, capacity units per second. In a limit group
   * that is the limit of all its jobs, so the records of the others show it too.
   */
  async changeRate(
    id: string,
    { direction, table }: Pick<JobLimit, "direction" | "table">,
    limits: CapacityLimits,
    given: Pick<JobLimit, "percentage"> = {},
  ): Promise<Job> {
    const job = await this.read(id);
    this.permit(job, "rate");
    const isMeant = (limit: JobLimit) => limit.direction === direction && limit.table === table;
    const before = job.limits.find(isMeant);
    if (before === undefined) {
      throw refused("NO_SUCH_LIMIT", `Job ${id} has no ${direction} limit on table ${table}.`, direction);
    }
    await this.configure(job, before, limits);
    const withRate = ({ percentage: _before, ...limit }: JobLimit) => ({ ...limit, limits, ...given });
    const changed = ({ limits: all }: JobHead) => all.map((limit) => (isMeant(limit) ? withRate(limit) : limit));
    const isInForce = async () =>
      sameLimits((await this.persist(() => this.ledger(job, before).read())).limits, limits);
    const details = { [`${purposeOf(before)}Rate`]: limits.table, before: before.limits.table };
    const shown = await this.showRate(job, changed, isInForce, details);
    for (const head of await this.othersOfGroup(job)) {
      await this.showRate(head, changed, isInForce, { ...details, through: id });
    }
    return { ...job, limits: shown };
  }

  /**
   * Shows a rate in a job's record, unless the ledger has got another one since: that change shows its own. Changes of other
   * limits that came meanwhile stay.
   * @returns the limits in the record.
   */
  private async showRate(
    seen: JobHead,
    changed: (head: JobHead) => JobLimit[],
    isInForce: () => Promise<boolean>,
    details: AuditDetails,
  ): Promise<readonly JobLimit[]> {
    let { limits } = seen;
    for (let head: JobHead | undefined = seen; head !== undefined; head = await this.head(seen.id)) {
      limits = (await isInForce()) ? changed(head) : head.limits;
      const parts = { condition: "#limits = :before", values: { before: head.limits }, set: { limits } };
      if (await this.transact([this.update(head.id, parts), await this.entry(head, "rate", details)])) break;
    }
    return limits;
  }

  /**
   * Notes that the job was redriven or undone by another one. False: it is gone, or being deleted.
   *
   * The check of the job is an update that changes nothing, because every role that changes jobs may update items. A
   * ConditionCheck would need a permission of its own.
   */
  async note(id: string, action: Origin["action"], by: string): Promise<boolean> {
    const job = await this.read(id);
    const condition = "attribute_exists(#pk) AND attribute_not_exists(#deleting)";
    const check = this.update(id, { condition, set: { deleting: undefined } });
    return this.transact([check, await this.entry(job, action, { job: by })]);
  }

  /** The other jobs of a job's limit group that have not ended. */
  async othersOfGroup({ id, limitGroup, work }: JobHead): Promise<JobHead[]> {
    if (limitGroup === undefined) return [];
    const ids = await this.persist(() => readActiveIds(this.client, this.table, work.table));
    const heads = await this.persist(() => readHeads(this.client, this.table, ids));
    return heads.filter(
      (head) => head.id !== id && head.limitGroup === limitGroup && !finalStates.includes(head.state),
    );
  }

  /** @throws SluiceError NO_SUCH_JOB */
  async read(id: string): Promise<Job> {
    const job = await readJob(this.client, this.table, id);
    if (job === undefined) throw await this.persist(() => noSuchJob(this.client, this.table, id));
    return job;
  }

  private head(id: string): Promise<JobHead | undefined> {
    return this.persist(() => readHead(this.client, this.table, id));
  }

  /** Whether an operator may do this to the job now. @throws SluiceError WRONG_STATE or EXPIRES_SOON if not */
  permit(job: Job, verb: ControlVerb): void {
    const { id, state, expiresAt = Number.POSITIVE_INFINITY } = job;
    if (!(allowedFrom[verb] as readonly JobState[]).includes(state)) {
      throw refused("WRONG_STATE", `Job ${id} is ${state}; it ${cannot[verb]}.`, state);
    }
    if (verb !== "resume" || expiresAt - this.now() / 1000 >= RESUMED_FOR_SECONDS) return;
    const expiry = new Date(expiresAt * 1000).toISOString().slice(0, 10);
    const message = `Job ${id} cannot be resumed: its records expire on ${expiry}, and work may take 14 days. Start a new job.`;
    throw refused("EXPIRES_SOON", message, expiresAt);
  }

  /**
   * Marks a job that has ended as one that is being deleted; nobody can resume it from then on.
   * False: it was changed since it was read.
   */
  async markDeleting(job: Job, details: AuditDetails): Promise<boolean> {
    const { id, state, epoch } = job;
    const condition = "#state = :state AND #epoch = :epoch";
    // Of the three final states only `failed` can be resumed.
    const set = { state: state === "failed" ? "cancelled" : state, deleting: true };
    const change = this.update(id, { condition, values: { state, epoch }, set });
    return this.transact([change, await this.entry(job, "delete", details)]);
  }

  /**
   * Changes job and ledgers together. Does nothing if the job is as the verb would leave it.
   * @throws SluiceError NO_SUCH_JOB and those of `permit`
   */
  private async change(
    id: string,
    verb: Exclude<ControlVerb, "rate" | "delete">,
    parts: UpdateParts,
    paused: boolean,
  ): Promise<Job> {
    const states = allowedFrom[verb];
    const values = Object.fromEntries(states.map((state) => [state, state]));
    const condition = `#state IN (${states.map((state) => `:${state}`).join(", ")})`;
    for (let job = await this.read(id); ; ) {
      if (verb !== "resume" && job.state === leadsTo[verb]) return job;
      // Permitted again after a failed change: somebody else changed the job in between, so the change is retried.
      this.permit(job, verb);
      // A failed job keeps its reason, but a starting one waits no longer.
      const set = job.state === "starting" ? { ...parts.set, reason: undefined } : parts.set;
      const change = this.update(id, { ...parts, ...(set && { set }), condition, values });
      const { expiresAt, work } = job;
      // The next start on the table has taken a failed job off the list of those that are under way.
      const tables = verb === "resume" ? tablesOf({ work }) : [];
      const listed = tables.map((table) => this.put({ id, expiresAt }, activeKey(table, id)));
      const done = await this.transact([
        change,
        ...listed,
        ...pauseLedgers(this.table, job, paused),
        await this.entry(job, verb),
      ]);
      job = await this.read(id);
      if (done) return job;
    }
  }

  private get records(): JobsTableOptions {
    return { client: this.client, table: this.table, retry: (call) => this.persist(call) };
  }

  private async configure(job: Job, limit: JobLimit, limits: CapacityLimits): Promise<void> {
    await this.persist(() => this.ledger(job, limit).configure(limits, this.now()));
  }

  private ledger(job: Job, limit: JobLimit) {
    return ledgerOf(this.client, this.table, job, limit);
  }

  private async entry(
    job: Pick<JobHead, "id" | "expiresAt">,
    action: AuditAction,
    details?: AuditDetails,
  ): Promise<TransactWriteItem> {
    const caller = await this.caller();
    const entry = { at: this.now(), caller, action, ...(details !== undefined && { details }) };
    return auditEntry(this.table, job, entry, randomUUID().slice(0, 8));
  }

  private put(record: object, key: Key, condition?: string): TransactWriteItem {
    const Item = { ...key, ...toAttributes(record) };
    return { Put: { TableName: this.table, Item, ...(condition && { ConditionExpression: condition }) } };
  }

  private update(id: string, parts: UpdateParts): TransactWriteItem {
    return { Update: { TableName: this.table, Key: jobKey(id), ...updateOf(parts) } };
  }

  /** False where a condition does not hold. The token makes a repetition after a lost answer the same transaction. */
  private async transact(TransactItems: TransactWriteItem[]): Promise<boolean> {
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

function startDetails({ limits, limitGroup }: Job, origin: Origin | undefined): AuditDetails {
  return {
    ...Object.fromEntries(limits.map((limit) => [`${purposeOf(limit)}Rate`, limit.limits.table])),
    ...(limitGroup !== undefined && { limitGroup }),
    ...(origin !== undefined && { [origin.action === "redrive" ? "redrives" : "undoes"]: origin.job }),
  };
}

function refused(code: string, message: string, value: unknown): SluiceError {
  return new SluiceError(code, message, { value });
}
