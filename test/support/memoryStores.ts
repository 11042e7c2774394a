/**
 * Job record, checkpoints and driver in memory, under the very conditions of the jobs table. What a store does is one
 * synchronous step of {@link MemoryTables}, so that a test may decide what happens between any two; records are never
 * changed in place, so that a copy of the tables is a snapshot.
 */

import type { Driver, UnitTurn } from "../../shared/drivers/driver";
import { isActive, type Job } from "../../shared/jobs/job";
import { unitOf } from "../../shared/jobs/storage/dynamoDbUnits";
import {
  type Checkpoint,
  type GiveUp,
  type HandOn,
  type JobEnd,
  type JobStore,
  type Lease,
  mayTake,
  type TakeRequest,
  type UnitStore,
} from "../../shared/jobs/stores";
import type { Unit } from "../../shared/jobs/unit";

type UnitKey = Pick<Lease, "job" | "unit">;

/** Of a unit that is doing well. */
const noTrouble = { reason: undefined, retryAt: undefined, retryingSince: undefined };

export class MemoryTables {
  private constructor(
    private readonly jobs: Map<string, Job>,
    private readonly units: Map<string, Unit>,
    private readonly paused: Set<string>,
  ) {}

  static with(...jobs: readonly Job[]): MemoryTables {
    return new MemoryTables(new Map(jobs.map((job) => [job.id, job])), new Map(), new Set());
  }

  copy(): MemoryTables {
    return new MemoryTables(new Map(this.jobs), new Map(this.units), new Set(this.paused));
  }

  job(id: string): Job | undefined {
    return this.jobs.get(id);
  }

  unit({ job, unit }: UnitKey): Unit | undefined {
    return this.units.get(`${job}/${unit}`);
  }

  putUnit(job: string, unit: Unit): void {
    this.units.set(`${job}/${unit.number}`, unit);
  }

  /** Replaces what is given; `undefined` removes a field. */
  changeJob(id: string, change: { readonly [Field in keyof Job]?: Job[Field] | undefined }): void {
    this.jobs.set(id, defined({ ...this.jobs.get(id)!, ...change }));
  }

  /** Whether the job's ledgers grant nothing. */
  isPaused(id: string): boolean {
    return this.paused.has(id);
  }

  pauseLedgers(id: string, paused: boolean): void {
    if (paused) this.paused.add(id);
    else this.paused.delete(id);
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

  save(lease: Lease, { cursor, counts, result, rcuPerSecond }: Checkpoint, now: number): boolean {
    if (!this.holds(lease)) return false;
    this.set(lease, { cursor, counts, result, rcuPerSecond, ...noTrouble, attempts: 0, updatedAt: now });
    return true;
  }

  note(lease: Lease, { reason, since }: { readonly reason: string; readonly since: number }): boolean {
    if (!this.holds(lease)) return false;
    this.set(lease, { reason, retryingSince: since });
    return true;
  }

  release(lease: Lease, { now, turn, attempts, failure }: HandOn): boolean {
    if (!this.holds(lease)) return false;
    const free = { owner: undefined, leaseUntil: undefined, turn, attempts };
    this.set(lease, { ...free, ...noTrouble, ...failure, updatedAt: now });
    return true;
  }

  finish(lease: Lease, { counts, result }: Checkpoint, now: number): boolean {
    if (!this.holds(lease)) return this.own(lease, "done");
    const last = { cursor: undefined, counts, result, rcuPerSecond: 0, attempts: 0, updatedAt: now };
    this.set(lease, { state: "done", ...last, ...noTrouble });
    this.changeJob(lease.job, { unitsDone: this.job(lease.job)!.unitsDone + 1 });
    return true;
  }

  fail(lease: Lease, { now, epoch, turn, reason }: GiveUp): boolean {
    const job = this.job(lease.job)!;
    if (!this.holds(lease)) return this.own(lease, "failed");
    if (job.epoch !== epoch) return false;
    const last = { turn, ...noTrouble, reason, rcuPerSecond: 0, attempts: 0, updatedAt: now };
    this.set(lease, { state: "failed", ...last });
    this.changeJob(lease.job, { unitsFailed: job.unitsFailed + 1 });
    return true;
  }

  end(seen: Job, end: JobEnd, now: number): boolean {
    const job = this.job(seen.id);
    const same = ["state", "epoch", "unitsDone", "unitsFailed"] as const;
    if (job === undefined || same.some((field) => job[field] !== seen[field])) return false;
    this.changeJob(seen.id, { ...end, endedAt: now });
    return true;
  }

  stop({ id, epoch }: Job, reason: string, now: number): boolean {
    const job = this.job(id);
    if (job === undefined || !isActive(job) || job.epoch !== epoch) return false;
    this.changeJob(id, { state: "failed", reason, endedAt: now });
    this.pauseLedgers(id, true);
    return true;
  }

  announced({ id, state, epoch }: Job): void {
    const job = this.job(id);
    if (job?.state === state && job.epoch === epoch) this.changeJob(id, { announced: true });
  }

  private holds({ owner, turn, ...key }: Lease): boolean {
    const unit = this.unit(key);
    return unit !== undefined && unit.state === "active" && unit.owner === owner && unit.turn === turn;
  }

  /** Whether this lease itself ended the unit so: a repetition after a lost answer. */
  private own({ owner, ...key }: Lease, state: Unit["state"]): boolean {
    const unit = this.unit(key);
    return unit?.state === state && unit.owner === owner;
  }

  private set({ job, unit }: UnitKey, change: { readonly [Field in keyof Unit]?: Unit[Field] | undefined }): Unit {
    const before = this.unit({ job, unit }) ?? unitOf(undefined);
    const after = defined({ ...before, ...change });
    this.units.set(`${job}/${unit}`, after);
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
  async release(lease: Lease, handOn: HandOn) {
    return this.tables.release(lease, handOn);
  }
  async finish(lease: Lease, checkpoint: Checkpoint, now: number) {
    return this.tables.finish(lease, checkpoint, now);
  }
  async fail(lease: Lease, giveUp: GiveUp) {
    return this.tables.fail(lease, giveUp);
  }
}

export class MemoryJobs implements JobStore {
  constructor(private readonly tables: MemoryTables) {}

  async read(job: string) {
    return this.tables.job(job);
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

export class MemoryDriver implements Driver {
  readonly dispatched: UnitTurn[] = [];

  async dispatch(turns: readonly UnitTurn[]) {
    this.dispatched.push(...turns);
  }
}

function defined<T extends object>(record: { [Field in keyof T]: T[Field] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
