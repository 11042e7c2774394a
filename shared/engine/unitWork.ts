/**
 * One worker's work on a unit that it has taken, until the unit ends or the worker puts it down. See protocol.ts.
 *
 * - The lease lasts as long as the invocation can, so its holder is stopped before anybody else may take the unit. Only the
 *   holder's writes to the unit take effect.
 * - An attempt counts as failed unless it made progress or waited for capacity. After too many failed attempts in a row the
 *   unit is given up.
 * - A unit that is given up gets the last turn of its epoch, so nobody takes it before the job is resumed.
 */
import type { Clock } from "../clock";
import { describeError } from "../describeError";
import { SluiceError } from "../errors";
import type { Job } from "../jobs/job";
import type { Checkpoint, Lease, UnitStore } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import { firstTurn, lastTurn } from "./turns";

/** How a worker's stretch of work on a unit ended. `unsaved`: progress since the last checkpoint that was saved. */
export type Stretch =
  | { readonly end: "exhausted"; readonly checkpoint: Checkpoint }
  /** `paused`: the job was paused, stopped or cancelled. `retired`: the job has more chains than it needs, and this is one of them. */
  | { readonly end: "paused" | "retired"; readonly unsaved?: Checkpoint }
  /**
   * Time is nearly over. `progressed`: a page was read. `waited`: at the end the worker waited for capacity. `later`: when
   * the next page may be read, milliseconds since the epoch, if that is too late to wait for. `begun`: it waited in the middle of
   * a page, which the next attempt has to repeat.
   */
  | {
      readonly end: "stopped";
      readonly progressed: boolean;
      readonly waited: boolean;
      readonly later?: number;
      readonly begun?: true;
      readonly unsaved?: Checkpoint;
    };

export interface WorkTools {
  /** Makes a page's progress durable. Rejects when the lease is lost. */
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  /** Notes in the unit's record that one call has been failing for some time. Never rejects. */
  readonly note: (trouble: { readonly error: unknown; readonly since: number }) => void;
}

/** Works on a unit from its checkpoint. */
export type Work = (job: Job, unit: Unit, tools: WorkTools) => Promise<Stretch>;

/**
 * The outcome of the work on a unit. `stopped`: put down in good order because time is over; `retried`: put down after
 * a failed attempt, to be taken up at `retryAt`, milliseconds since the epoch; `lost`: another worker has it; `fatal`:
 * put down because no unit of the job can be done; `why` has the reason.
 */
export type UnitEnd =
  | { readonly end: "done" | "lost" | "paused" | "retired" }
  | { readonly end: "failed"; readonly reason: string }
  | { readonly end: "stopped"; readonly later?: number }
  | { readonly end: "retried"; readonly reason: string; readonly retryAt: number }
  | { readonly end: "fatal"; readonly why: string };

export interface UnitWorkOptions {
  readonly units: UnitStore;
  /** Why the tables are not those that the job began with; undefined if they are. */
  readonly tablesProblem: (job: Job) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly work: Work;
  /** Whether the same page may succeed later. */
  readonly isTransient: (error: unknown) => boolean;
  /** Why no unit of the job can be done any more, if the error means that; undefined: another unit may succeed. */
  readonly verdict: (error: unknown, job: Job) => string | undefined;
  /** How long a unit waits after this many attempts without progress, milliseconds. */
  readonly backoffMs: (attempts: number) => number;
  /** Called after each checkpoint. Default: nothing. */
  readonly onCheckpoint?: (job: Job) => Promise<void>;
}

/** Attempts without progress before a unit is given up: crashes and transient errors, and errors that look lasting. */
export const MOST_ATTEMPTS = 20;
export const MOST_LASTING_ATTEMPTS = 3;

/**
 * Attempts that end in the middle of a page count up to this number, which is how often the first page is halved (see
 * budget.ts).
 */
export const MOST_HALVINGS = 10;

/** Works on a unit. */
export class UnitWork {
  private attempts: number;
  private readonly lease: Lease;

  /** @param late whether earlier units used part of the invocation's time: then too little time for a page is no failure. */
  constructor(
    private readonly job: Job,
    private readonly unit: Unit,
    owner: string,
    private readonly late: boolean,
    private readonly options: UnitWorkOptions,
  ) {
    this.attempts = unit.attempts;
    this.lease = { job: job.id, unit: unit.number, owner, turn: firstTurn(job.epoch) };
  }

  /** @throws the error of a store that failed for good. */
  async run(): Promise<UnitEnd> {
    try {
      return await this.attempt();
    } catch (error) {
      if (error instanceof SluiceError && error.code === "LEASE_LOST") return { end: "lost" };
      throw error;
    }
  }

  private async attempt(): Promise<UnitEnd> {
    if (this.attempts > MOST_ATTEMPTS) {
      return this.giveUp(this.unit.reason ?? "its worker stopped each time before it could record why");
    }
    let stretch: Stretch | { readonly end: "other source"; readonly why: string };
    // The end is recorded outside, because a transient error of the recording is not an error of the work.
    try {
      const why = await this.options.tablesProblem(this.job);
      stretch =
        why === undefined ? await this.options.work(this.job, this.unit, this.tools()) : { end: "other source", why };
    } catch (error) {
      if (error instanceof SluiceError && error.code === "LEASE_LOST") throw error;
      return this.failed(error);
    }
    if (stretch.end === "other source") return this.fatal(stretch.why);
    try {
      return await this.record(stretch);
    } catch (error) {
      // A record that is too large, for example, is too large for the next worker too.
      if (error instanceof SluiceError || this.options.isTransient(error)) throw error;
      return this.failed(error);
    }
  }

  private async record(stretch: Stretch): Promise<UnitEnd> {
    if (stretch.end === "exhausted") return this.finish(stretch.checkpoint);
    if (stretch.end === "stopped" && !stretch.progressed && !stretch.waited && !this.late) {
      return this.failed(
        new SluiceError("NO_PROGRESS", "The time was over before a page was begun.", { retryable: true }),
      );
    }
    await this.release(stretch.unsaved, stretch.end === "stopped" && stretch.begun);
    if (stretch.end !== "stopped") return { end: stretch.end };
    return { end: "stopped", ...(stretch.later === undefined ? {} : { later: stretch.later }) };
  }

  private tools(): WorkTools {
    const { units } = this.options;
    return {
      save: (checkpoint) => this.save(checkpoint),
      // A failure to note it does no harm: the attempt's last error is recorded anyway.
      note: ({ error, since }) =>
        void units.note(this.lease, { reason: describeError(error), since }).catch(() => undefined),
    };
  }

  private async save(checkpoint: Checkpoint): Promise<void> {
    const { units, clock } = this.options;
    held(await units.save(this.lease, checkpoint, clock.now()), this.lease);
    this.attempts = 0;
    await this.saved();
  }

  private async finish(checkpoint: Checkpoint): Promise<UnitEnd> {
    const { units, clock } = this.options;
    held(await units.finish(this.lease, checkpoint, clock.now()), this.lease);
    await this.saved();
    return { end: "done" };
  }

  /** An attempt that ended in good order does not count. @param begun it ended in the middle of a page. */
  private async release(unsaved?: Checkpoint, begun = false): Promise<void> {
    const { units, clock } = this.options;
    const without = begun && this.attempts <= MOST_HALVINGS ? this.attempts : Math.max(0, this.attempts - 1);
    const attempts = unsaved === undefined ? without : 0;
    held(await units.release(this.lease, { now: clock.now(), attempts, unsaved }), this.lease);
    if (unsaved !== undefined) await this.saved();
  }

  private async saved(): Promise<void> {
    await this.options.onCheckpoint?.(this.job);
  }

  private async failed(error: unknown): Promise<UnitEnd> {
    const why = this.options.verdict(error, this.job);
    if (why !== undefined) return this.fatal(why);
    const reason = describeError(error);
    const most = this.options.isTransient(error) ? MOST_ATTEMPTS : MOST_LASTING_ATTEMPTS;
    if (this.attempts >= most) return this.giveUp(reason);
    const attempts = Math.max(1, this.attempts);
    const { units, clock, backoffMs } = this.options;
    const now = clock.now();
    const failure = { reason, retryAt: now + backoffMs(attempts) };
    held(await units.release(this.lease, { now, attempts, failure }), this.lease);
    return { end: "retried", ...failure };
  }

  private async fatal(why: string): Promise<UnitEnd> {
    await this.release();
    return { end: "fatal", why };
  }

  private async giveUp(why: string): Promise<UnitEnd> {
    const { units, clock } = this.options;
    const reason = `${why} (${this.attempts} attempts)`;
    held(await units.fail(this.lease, { now: clock.now(), turn: lastTurn(this.job.epoch), reason }), this.lease);
    return { end: "failed", reason };
  }
}

function held(ok: boolean, { job, unit }: Lease): void {
  if (ok) return;
  throw new SluiceError("LEASE_LOST", `unit ${unit} of job ${job} was taken by another worker`, { retryable: true });
}
