/**
 * Job record, checkpoints and driver in memory, under the same conditions as in the jobs table. A call of a store is one
 * synchronous step of {@link MemoryTables}, so a test can decide what happens between any two calls. Records and tables are
 * never changed in place, so a copy of the tables is a snapshot and costs nothing.
 */

import type { Usage } from "../../shared/cost/usage";
import type { ChainTurn, Driver } from "../../shared/drivers/driver";
import type { Chain } from "../../shared/jobs/chain";
import { isActive, type Job, type JobHead } from "../../shared/jobs/job";
import { unitOf } from "../../shared/jobs/storage/reading";
import {
  type ChainLease,
  type ChainStore,
  type ChainTakeRequest,
  type Checkpoint,
  type Ended,
  type FailedItems,
  type FailureStore,
  type GiveUp,
  type JobEnd,
  type JobStore,
  type Lease,
  mayTake,
  mayTakeChain,
  type PutDown,
  type Recount,
  type TakeRequest,
  type UnitStore,
  type UnitSummary,
} from "../../shared/jobs/stores";
import type { Unit } from "../../shared/jobs/unit";

type UnitKey = Pick<Lease, "job" | "unit">;

/** The record of a unit without trouble. */
const noTrouble = { reason: undefined, retryAt: undefined, retryingSince: undefined };

export class MemoryTables {
  private constructor(
    private jobs: ReadonlyMap<string, Job>,
    private units: ReadonlyMap<string, Unit>,
    private chains: ReadonlyMap<string, Chain>,
    private paused: ReadonlySet<string>,
  ) {}

  static with(...jobs: readonly Job[]): MemoryTables {
    return new MemoryTables(new Map(jobs.map((job) => [job.id, job])), new Map(), new Map(), new Set());
  }

  copy(): MemoryTables {
    return new MemoryTables(this.jobs, this.units, this.chains, this.paused);
  }

  job(id: string): Job | undefined {
    return this.jobs.get(id);
  }

  putJob(job: Job): void {
    this.jobs = put(this.jobs, job.id, job);
  }

  unit({ job, unit }: UnitKey): Unit | undefined {
    return this.units.get(`${job}/${unit}`);
  }

  putUnit(job: string, unit: Unit): void {
    this.units = put(this.units, `${job}/${unit.number}`, unit);
  }

  /** The units of a job that somebody has taken. */
  unitsOf(job: string): Unit[] {
    return [...this.units].filter(([key]) => key.startsWith(`${job}/`)).map(([, unit]) => unit);
  }

  chain(job: string, chain: number): Chain | undefined {
    return this.chains.get(`${job}/${chain}`);
  }

  putChain(job: string, chain: Chain): void {
    this.chains = put(this.chains, `${job}/${chain.number}`, chain);
  }

  takeChain(request: ChainTakeRequest): { taken: boolean; chain: Chain } {
    const { job, chain: number, owner, turn, until: leaseUntil } = request;
    const before = this.chain(job, number);
    if (!mayTakeChain(before, request)) return { taken: false, chain: before! };
    const chain = { ...before, number, turn, owner, leaseUntil, attempts: (before?.attempts ?? 0) + 1 };
    this.putChain(job, chain);
    return { taken: true, chain };
  }

  releaseChain({ job, chain: number, owner, turn }: ChainLease, next: number, usage?: Usage): boolean {
    const before = this.chain(job, number);
    if (before?.owner !== owner || before.turn !== turn) return false;
    const known = usage ?? before.usage;
    this.putChain(job, { number, turn: next, ...(known && { usage: known }) });
    return true;
  }

  claim(id: string, { done, failed }: Ended): { claimed: boolean; head: JobHead | undefined } {
    const job = this.job(id);
    if (job === undefined || !isActive(job) || job.claimed >= job.units) return { claimed: false, head: job };
    const { claimed, unitsDone, unitsFailed } = job;
    this.changeJob(id, { claimed: claimed + 1, unitsDone: unitsDone + done, unitsFailed: unitsFailed + failed });
    return { claimed: true, head: this.job(id) };
  }

  ended({ id, epoch }: Pick<JobHead, "id" | "epoch">, { done, failed }: Ended): boolean {
    const job = this.job(id);
    if (job === undefined || !isActive(job) || job.epoch !== epoch || job.unitsDone >= job.units) return false;
    this.changeJob(id, { unitsDone: job.unitsDone + done, unitsFailed: job.unitsFailed + failed });
    return true;
  }

  setChains({ id, epoch, chains }: Pick<JobHead, "id" | "epoch" | "chains">, wanted: number): boolean {
    const job = this.job(id);
    if (job?.epoch !== epoch || job.chains !== chains) return false;
    this.changeJob(id, { chains: wanted });
    return true;
  }

  /** Replaces the given fields; `undefined` removes a field. */
  changeJob(id: string, change: { readonly [Field in keyof Job]?: Job[Field] | undefined }): void {
    this.jobs = put(this.jobs, id, defined({ ...this.jobs.get(id)!, ...change }));
  }

  /** Whether the job's ledgers grant nothing. */
  isPaused(id: string): boolean {
    return this.paused.has(id);
  }

  pauseLedgers(id: string, paused: boolean): void {
    if (paused !== this.isPaused(id)) this.paused = this.paused.symmetricDifference(new Set([id]));
  }

  take(request: TakeRequest): { taken: boolean; unit: Unit } {
    const before = this.unit(request);
    if (!mayTake(before, request)) return { taken: false, unit: before! };
    const { unit: number, turn, owner, until: leaseUntil } = request;
    const { attempts } = unitOf(undefined);
    const set = { number, state: "active", turn, owner, leaseUntil, retryingSince: undefined } as const;
    const unit = this.set(request, { ...set, attempts: (before?.attempts ?? attempts) + 1 });
    return { taken: true, unit };
  }

  save(lease: Lease, { cursor, counts, result, rcuPerSecond, wcuPerSecond }: Checkpoint, now: number): boolean {
    if (!this.holds(lease)) return false;
    const writing = wcuPerSecond === undefined ? {} : { wcuPerSecond };
    this.set(lease, { cursor, counts, result, rcuPerSecond, ...writing, ...noTrouble, attempts: 0, updatedAt: now });
    return true;
  }

  note(lease: Lease, { reason, since }: { readonly reason: string; readonly since: number }): boolean {
    if (!this.holds(lease)) return false;
    this.set(lease, { reason, retryingSince: since });
    return true;
  }

  release(lease: Lease, { now, attempts, unsaved, failure }: PutDown): boolean {
    if (!this.holds(lease)) return false;
    const free = { owner: undefined, leaseUntil: undefined, attempts };
    this.set(lease, { ...unsaved, ...free, ...noTrouble, ...failure, updatedAt: now });
    return true;
  }

  finish(lease: Lease, checkpoint: Checkpoint, now: number): boolean {
    if (!this.holds(lease)) return this.own(lease, "done");
    const last = { ...checkpoint, cursor: undefined, attempts: 0, updatedAt: now };
    this.set(lease, { state: "done", ...last, ...noTrouble });
    return true;
  }

  fail(lease: Lease, { now, turn, reason }: GiveUp): boolean {
    if (!this.holds(lease)) return this.own(lease, "failed");
    const last = { turn, ...noTrouble, reason, rcuPerSecond: 0, attempts: 0, updatedAt: now };
    this.set(lease, { state: "failed", ...last });
    return true;
  }

  end(seen: Job, end: JobEnd, now: number): boolean {
    const job = this.job(seen.id);
    if (job === undefined || job.state !== seen.state || job.epoch !== seen.epoch) return false;
    this.changeJob(seen.id, { ...end, endedAt: now });
    return true;
  }

  stop(seen: Job, reason: string, now: number): boolean {
    return this.halt(seen, { state: "failed", reason, endedAt: now });
  }

  pause(seen: Job, reason: string): boolean {
    return this.halt(seen, { state: "paused", reason });
  }

  private halt({ id, epoch }: Job, change: Partial<Job>): boolean {
    const job = this.job(id);
    if (job === undefined || !isActive(job) || job.epoch !== epoch) return false;
    this.changeJob(id, change);
    this.pauseLedgers(id, true);
    return true;
  }

  addFailures(id: string, further: number): JobHead | undefined {
    const job = this.job(id);
    if (job === undefined) return undefined;
    this.changeJob(id, { failures: (job.failures ?? 0) + further });
    return this.job(id);
  }

  recount(
    { id, epoch, failures: estimate = 0, recounts }: JobHead,
    { failures: exact, mostFailures }: Recount,
  ): boolean {
    const job = this.job(id);
    if (job === undefined || !isActive(job) || job.epoch !== epoch || job.recounts !== recounts) return false;
    const failures = (job.failures ?? 0) + exact - estimate;
    this.changeJob(id, { failures, recounts: (recounts ?? 0) + 1, mostFailures });
    return true;
  }

  failedItems(job: string): FailedItems {
    const counts = this.unitsOf(job).map((unit) => unit.counts);
    return {
      scannedItems: counts.reduce((sum, { scannedItems }) => sum + scannedItems, 0),
      failures: counts.reduce((sum, { failures = 0 }) => sum + failures, 0),
    };
  }

  announced({ id, state, epoch }: Job): void {
    const job = this.job(id);
    if (job?.state === state && job.epoch === epoch) this.changeJob(id, { announced: true });
  }

  private holds({ owner, turn, ...key }: Lease): boolean {
    const unit = this.unit(key);
    return unit !== undefined && unit.state === "active" && unit.owner === owner && unit.turn === turn;
  }

  /** Whether this lease itself ended the unit in this way: then the call is a repetition after a lost answer. */
  private own({ owner, ...key }: Lease, state: Unit["state"]): boolean {
    const unit = this.unit(key);
    return unit?.state === state && unit.owner === owner;
  }

  private set({ job, unit }: UnitKey, change: { readonly [Field in keyof Unit]?: Unit[Field] | undefined }): Unit {
    const before = this.unit({ job, unit }) ?? unitOf(undefined);
    const after = defined({ ...before, ...change });
    this.units = put(this.units, `${job}/${unit}`, after);
    return after;
  }
}

export class MemoryUnits implements UnitStore {
  constructor(private readonly tables: MemoryTables) {}

  async take(request: TakeRequest) {
    return this.tables.take(request);
  }
  async save(lease: Lease, checkpoint: Checkpoint, now: number) {
    return this.tables.save(lease, checkpoint, now);
  }
  async note(lease: Lease, trouble: { readonly reason: string; readonly since: number }) {
    return this.tables.note(lease, trouble);
  }
  async release(lease: Lease, putDown: PutDown) {
    return this.tables.release(lease, putDown);
  }
  async finish(lease: Lease, checkpoint: Checkpoint, now: number) {
    return this.tables.finish(lease, checkpoint, now);
  }
  async fail(lease: Lease, giveUp: GiveUp) {
    return this.tables.fail(lease, giveUp);
  }
  async read(job: string, unit: number): Promise<UnitSummary | undefined> {
    const found = this.tables.unit({ job, unit });
    if (found === undefined) return undefined;
    const { number, state, turn, owner, leaseUntil, retryAt } = found;
    return defined<UnitSummary>({ number, state, turn, owner, leaseUntil, retryAt });
  }
  async list(job: string) {
    return this.tables.unitsOf(job);
  }
}

export class MemoryChains implements ChainStore {
  constructor(private readonly tables: MemoryTables) {}

  async take(request: ChainTakeRequest) {
    return this.tables.takeChain(request);
  }
  async release(lease: ChainLease, turn: number, usage?: Usage) {
    return this.tables.releaseChain(lease, turn, usage);
  }
  async read(job: string, chain: number) {
    return this.tables.chain(job, chain);
  }
}

export class MemoryJobs implements JobStore {
  constructor(private readonly tables: MemoryTables) {}

  async read(job: string) {
    return this.tables.job(job);
  }
  async claim(job: string, ended: Ended) {
    return this.tables.claim(job, ended);
  }
  async ended(seen: Pick<JobHead, "id" | "epoch">, ended: Ended) {
    return this.tables.ended(seen, ended);
  }
  async head(job: string) {
    return this.tables.job(job);
  }
  async setChains(seen: Pick<JobHead, "id" | "epoch" | "chains">, chains: number) {
    return this.tables.setChains(seen, chains);
  }
  async end(seen: Job, end: JobEnd, now: number) {
    return this.tables.end(seen, end, now);
  }
  async stop(seen: Job, reason: string, now: number) {
    return this.tables.stop(seen, reason, now);
  }
  async announced(ended: Job) {
    this.tables.announced(ended);
  }
}

export class MemoryFailures implements FailureStore {
  constructor(private readonly tables: MemoryTables) {}

  async head(job: string) {
    return this.tables.job(job);
  }
  async pause(seen: Job, reason: string) {
    return this.tables.pause(seen, reason);
  }
  async addFailures(job: string, failures: number) {
    return this.tables.addFailures(job, failures);
  }
  async recount(seen: JobHead, exact: Recount) {
    return this.tables.recount(seen, exact);
  }
  async failedItems(job: string) {
    return this.tables.failedItems(job);
  }
}

export class MemoryDriver implements Driver {
  readonly dispatched: ChainTurn[] = [];
  /** The delay of each message, seconds. */
  readonly delays: number[] = [];

  async dispatch(turns: readonly ChainTurn[], delaySeconds = 0) {
    this.dispatched.push(...turns);
    for (const _ of turns) this.delays.push(delaySeconds);
  }
}

function put<T>(table: ReadonlyMap<string, T>, key: string, record: T): ReadonlyMap<string, T> {
  return new Map(table).set(key, record);
}

function defined<T extends object>(record: { [Field in keyof T]: T[Field] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
