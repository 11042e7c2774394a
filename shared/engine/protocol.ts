/**
 * The protocol of a unit: who works on it, and how it passes from one invocation to the next.
 *
 *   message n ──► take (lease, turn n) ──► page ► save ► page ► save … ──► send message n+1 ──► release (turn n+1) ──► delete message n
 *
 * Invariant: while a job is active, an unfinished unit has at least one message that is neither deleted nor dead and whose
 * turn is not stale, and at most one worker whose writes to the checkpoint take effect.
 *
 * - A message of a turn below the unit's is stale and may be deleted: a unit's turn only rises to `n` after the message
 *   of turn `n` was sent.
 * - A message of the unit's turn or above may take the unit once its lease is free or over. While it is held, the message
 *   goes back to the queue, because it may be the very one the holder would need again after a crash.
 * - The lease lasts as long as the invocation can, so its holder is stopped before anybody else may take the unit.
 * - A crash between any two steps leaves message n undeleted, so somebody will take the unit up.
 * - An error that no unit can get past (the table is gone, access is denied) stops the whole job with one reason: its record
 *   is failed and its ledgers are paused in one step. Its workers then put their units down, as after a pause.
 * - An attempt counts unless it made progress or waited for capacity. Where too many in a row count, the unit is given up.
 * - Workers of a job that is paused, cancelled or over delete their messages. Resuming starts a new epoch: it sends a
 *   message for every unfinished unit, of a turn above all that the epochs before can have reached.
 * - A unit that is given up is counted as failed and gets the last turn of its epoch. So no other message of that epoch, even
 *   a newer one, can take the unit and count it again. A message of the next epoch can.
 */
import type { Clock } from "../clock";
import { describeError } from "../describeError";
import type { Driver, UnitTurn } from "../drivers/driver";
import { SluiceError } from "../errors";
import { isActive, type Job } from "../jobs/job";
import type { Checkpoint, JobStore, Lease, UnitStore } from "../jobs/stores";
import type { Unit } from "../jobs/unit";
import { completeJob, type Ending } from "./completion";

/** What became of a message; each of these means that it may be deleted. */
export type Handled = "done" | "failed" | "continued" | "stale" | "parked" | "unknown";

/**
 * How a worker's stretch of work on a unit ended. `unsaved`: progress whose effects are durable, but which is not in the unit's
 * record yet; it is written before the unit is released.
 */
export type Stretch =
  | { readonly end: "exhausted"; readonly checkpoint: Checkpoint }
  /** The job was paused, stopped or cancelled, or this worker is not to go on. */
  | { readonly end: "paused" | "retired"; readonly unsaved?: Checkpoint }
  /**
   * Time is nearly over, or capacity comes later. `progressed`: a page was worked on. `waited`: the last thing it did was to wait
   * for capacity. `later`: when the next page may be read, milliseconds since the epoch; waiting for it inside an invocation is
   * not worth it.
   */
  | {
      readonly end: "stopped";
      readonly progressed: boolean;
      readonly waited: boolean;
      readonly later?: number;
      readonly unsaved?: Checkpoint;
    };

export interface WorkTools {
  /** Makes progress durable. Rejects when the lease is lost. */
  readonly save: (checkpoint: Checkpoint) => Promise<void>;
  /** Notes in the unit's record that one call has been failing for some time. Never rejects. */
  readonly note: (trouble: { readonly error: unknown; readonly since: number }) => void;
}

/** Works on a unit from its checkpoint. */
export type Work = (job: Job, unit: Unit, tools: WorkTools) => Promise<Stretch>;

export interface ProtocolOptions {
  readonly jobs: JobStore;
  readonly units: UnitStore;
  readonly driver: Driver;
  readonly clock: Clock;
  /** Unique for each handling of a message. */
  readonly owner: string;
  /** When the invocation is stopped for certain, milliseconds since the epoch. */
  readonly leaseUntil: number;
  readonly work: Work;
  readonly ending: Ending;
  /** Whether the same page may succeed later. */
  readonly isTransient: (error: unknown) => boolean;
  /** Why no unit of the job can be done any more, if the error means that; undefined: another unit may succeed. */
  readonly verdict: (error: unknown, job: Job) => string | undefined;
  /** How long a unit waits after this many attempts without progress, milliseconds. */
  readonly backoffMs: (attempts: number) => number;
}

/** Turns an epoch has; far more than invocations a unit can take. */
const TURNS_PER_EPOCH = 1_000_000;
/** Attempts without progress before a unit is given up: crashes and passing errors, and errors that look lasting. */
export const MOST_ATTEMPTS = 20;
export const MOST_LASTING_ATTEMPTS = 3;

/** The turn of the first messages of an epoch. */
export function firstTurn(epoch: number): number {
  return epoch * TURNS_PER_EPOCH;
}

/**
 * Handles one delivery of a message.
 * @throws the message has to come again: SluiceError UNIT_HELD (`value`: until when, milliseconds since the epoch),
 *   UNIT_STOPPED (`value`: when the next attempt is due, milliseconds since the epoch; `cause`: what stopped this one),
 *   LEASE_LOST, or what a store or the driver failed with.
 */
export async function handleUnitTurn(message: UnitTurn, options: ProtocolOptions): Promise<Handled> {
  const { jobs, units, clock, owner, leaseUntil, ending } = options;
  const job = await jobs.read(message.job);
  if (job === undefined || !belongs(message, job)) return "unknown";
  if (!isActive(job)) {
    await completeJob(job.id, jobs, ending, clock);
    return "parked";
  }
  const lease = { ...message, owner };
  const { expiresAt } = job;
  const { taken, unit } = await units.take({ ...lease, now: clock.now(), until: leaseUntil, expiresAt });
  if (taken) return new Turn(job, unit, lease, options).run();
  if (unit.state !== "active") await completeJob(job.id, jobs, ending, clock);
  if (unit.state === "done") return "done";
  if (unit.state === "failed") return "failed";
  if (message.turn < unit.turn) return "stale";
  throw new SluiceError("UNIT_HELD", `unit ${message.unit} of job ${message.job} is held by another worker`, {
    value: unit.leaseUntil,
    retryable: true,
  });
}

/** Above the turns of all messages of an epoch. */
function lastTurn(epoch: number): number {
  return firstTurn(epoch + 1) - 1;
}

/** Whether the job can have sent it. A unit that the job does not have would, once taken, count as one of the job's. */
function belongs({ unit, turn }: UnitTurn, { units, epoch }: Job): boolean {
  return unit < units && turn < firstTurn(epoch + 1);
}

/** One worker's turn at a unit it has taken. */
class Turn {
  private attempts: number;

  constructor(
    private readonly job: Job,
    private readonly unit: Unit,
    private readonly lease: Lease,
    private readonly options: ProtocolOptions,
  ) {
    this.attempts = unit.attempts;
  }

  async run(): Promise<Handled> {
    if (this.attempts > MOST_ATTEMPTS) {
      return this.giveUp(this.unit.reason ?? "its worker stopped each time before it could record why");
    }
    // Its end is recorded outside, because an error of recording is not an error of the work.
    let stretch: Stretch | { readonly end: "other source"; readonly why: string };
    try {
      const changed = await this.options.ending.sourceProblem(this.job);
      stretch =
        changed === undefined
          ? await this.options.work(this.job, this.unit, this.tools())
          : { end: "other source", why: changed };
    } catch (error) {
      if (error instanceof SluiceError && error.code === "LEASE_LOST") throw error;
      return this.failed(error);
    }
    if (stretch.end === "other source") return this.stopJob(stretch.why);
    if (stretch.end === "exhausted") return this.finish(stretch.checkpoint);
    if (stretch.unsaved !== undefined) await this.save(stretch.unsaved);
    if (stretch.end !== "stopped") return stretch.end === "paused" ? this.park() : this.handOn();
    if (stretch.progressed || stretch.waited) return this.handOn();
    return this.failed(
      new SluiceError("NO_PROGRESS", "The time was over before a page was begun.", { retryable: true }),
    );
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
  }

  private async finish(checkpoint: Checkpoint): Promise<Handled> {
    const { units, jobs, ending, clock } = this.options;
    held(await units.finish(this.lease, checkpoint, clock.now()), this.lease);
    await completeJob(this.job.id, jobs, ending, clock);
    return "done";
  }

  /** The next turn first: only then may the unit's turn rise, and only then is this message stale. */
  private async handOn(): Promise<Handled> {
    const { driver } = this.options;
    const turn = this.lease.turn + 1;
    await driver.dispatch([{ job: this.lease.job, unit: this.lease.unit, turn }]);
    await this.release(turn);
    return "continued";
  }

  /** The job was paused, stopped or cancelled: whoever resumes it dispatches new turns. */
  private async park(): Promise<Handled> {
    const now = await this.options.jobs.read(this.lease.job);
    if (now !== undefined && isActive(now)) return this.handOn();
    await this.release(this.lease.turn);
    return "parked";
  }

  /** An attempt that ended in good order does not count. */
  private async release(
    turn: number,
    attempts = Math.max(0, this.attempts - 1),
    failure?: { readonly reason: string; readonly retryAt: number },
  ): Promise<void> {
    const { units, clock } = this.options;
    held(await units.release(this.lease, { now: clock.now(), turn, attempts, failure }), this.lease);
  }

  private async failed(error: unknown): Promise<Handled> {
    const verdict = this.options.verdict(error, this.job);
    if (verdict !== undefined) return this.stopJob(verdict);
    const reason = describeError(error);
    const most = this.options.isTransient(error) ? MOST_ATTEMPTS : MOST_LASTING_ATTEMPTS;
    if (this.attempts >= most) return this.giveUp(reason);
    const attempts = Math.max(1, this.attempts);
    const retryAt = this.options.clock.now() + this.options.backoffMs(attempts);
    await this.release(this.lease.turn, attempts, { reason, retryAt });
    throw new SluiceError("UNIT_STOPPED", reason, { value: retryAt, retryable: true, cause: error });
  }

  /** The job first: a crash in between leaves this message, and whoever gets it meets a job that has failed. */
  private async stopJob(reason: string): Promise<Handled> {
    const { jobs, ending, clock } = this.options;
    await jobs.stop(this.job, reason, clock.now());
    await this.release(this.lease.turn);
    await completeJob(this.job.id, jobs, ending, clock);
    return "parked";
  }

  private async giveUp(why: string): Promise<Handled> {
    const { units, jobs, ending, clock } = this.options;
    const reason = `${why} (${this.attempts} attempts)`;
    const { epoch } = this.job;
    held(await units.fail(this.lease, { now: clock.now(), epoch, turn: lastTurn(epoch), reason }), this.lease);
    await completeJob(this.job.id, jobs, ending, clock);
    return "failed";
  }
}

function held(ok: boolean, { job, unit }: Lease): void {
  if (ok) return;
  throw new SluiceError("LEASE_LOST", `unit ${unit} of job ${job} was taken by another worker`, { retryable: true });
}
