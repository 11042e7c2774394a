/**
 * The protocol of the workflow driver: one step of the work on a number.
 *
 *   a lane of the state machine ─► turn at a batch of numbers (batches.ts) ─► wait until `at` ─► turn ─► … ─► all units have ended
 *   a turn ─► a step for each number n of the batch
 *   a step ─► look at unit n ─► take chain n ─► take unit n ─► page ► checkpoint ► … ─► put down or end the unit ─► release chain n
 *
 * The number n of a unit is also that of its chain. No worker claims, sweeps or retires: the state machine has all numbers.
 * Leases, attempts and epochs are those of ../protocol.ts, and so is the promise that at most one worker's writes to the
 * checkpoint of a unit take effect.
 *
 * - Each step starts from the records, because its input says nothing about earlier steps. If the answer of a step is lost, the
 *   state machine repeats the step: it finds a unit that has ended, waits for its next attempt, or is free.
 * - Two steps on one number at a time exclude each other by the chain's lease. The second one is `held` until that lease ends.
 * - The chain's turn stays the first one of the epoch. A step that comes late works on like any other, so no step is outdated
 *   before the job is resumed.
 * - A step of an earlier epoch is stale. An earlier epoch's worker that still holds the chain goes on with the unit until its
 *   time is over or it notices the pause.
 * - A unit that ends is added to the counts in the job's head. They lag behind if the worker crashes in between, and are exact once
 *   the job has ended.
 */
import type { NumberStep, NumberTask } from "../../drivers/driver";
import { SluiceError } from "../../errors";
import type { Chain } from "../../jobs/chain";
import { isActive, type Job } from "../../jobs/job";
import type { Ended } from "../../jobs/stores";
import { completeJob } from "../completion";
import { type ChainWorkOptions, HeldChain, restsUntil, takeChain } from "../heldChain";
import { type TablesCheck, tablesCheck } from "../tablesCheck";
import { type Standing, standingOf } from "../tally";
import { firstTurn } from "../turns";
import { type UnitEnd, UnitWork } from "../unitWork";
import { heldUntil } from "./heldUntil";
import { jobOfTask } from "./taskJob";

/**
 * When a step looks again after another worker took its unit, milliseconds. If it looked at once, the other worker would
 * still hold the unit.
 */
const LOST_MS = 5_000;
/**
 * The shortest wait, milliseconds. So a wait that ends a little early, because two clocks differ, isn't followed by one
 * of zero length.
 */
const LEAST_WAIT_MS = 1_000;

/** The turn that a step is part of. */
export interface Within {
  readonly check: TablesCheck;
  /** Whether earlier steps used part of the invocation's time. */
  readonly late: boolean;
}

/**
 * Handles one delivery of a step. @param within the step's turn. Default: a turn with only this step.
 * @throws SluiceError NO_SUCH_JOB, BAD_TASK (there is no such number), or what a store failed with: the step has to come again.
 */
export async function handleNumber(
  task: NumberTask,
  options: ChainWorkOptions,
  within: Within = { check: tablesCheck(options.ending), late: false },
): Promise<NumberStep> {
  const { jobs, units, clock } = options;
  const { number } = task;
  const job = await jobOfTask(task, jobs);
  if (job === undefined) return { state: "stale" };
  if (number >= job.units) {
    throw new SluiceError("BAD_TASK", `Job ${job.id} has ${job.units} units, so none of number ${number}.`, {
      value: number,
    });
  }
  if (!isActive(job)) {
    await completeJob(job.id, options);
    return { state: "parked" };
  }
  const unit = await units.read(job.id, number);
  const standing = unit && standingOf(unit, job, clock.now());
  // The worker that holds the unit holds the chain too, and may be about to release both.
  const known = standing && standing.is !== "held" ? stepOf(standing, clock.now()) : undefined;
  if (known !== undefined) return known;
  const turn = firstTurn(job.epoch);
  const { taken, chain } = await takeChain(job, { chain: number, turn }, options);
  if (taken) return new NumberWork(job, chain, options, within).run();
  return chain.turn > turn ? { state: "stale" } : { state: "held", at: heldUntil(chain, turn, clock.now()) };
}

/** The step that a unit's record leads to, without any work. Undefined: the unit is free. */
function stepOf(standing: Standing, now: number): NumberStep | undefined {
  switch (standing.is) {
    case "done":
    case "failed":
      return { state: standing.is };
    case "of a later epoch":
      return { state: "stale" };
    case "held":
      return { state: "held", at: standing.until };
    case "due later":
      return { state: "retrying", at: Math.max(standing.until, now + LEAST_WAIT_MS) };
    case "free":
      return undefined;
  }
}

/** One worker's step with the chain it has taken. */
class NumberWork {
  private readonly held: HeldChain;

  constructor(
    private readonly job: Job,
    chain: Chain,
    private readonly options: ChainWorkOptions,
    private readonly within: Within,
  ) {
    this.held = new HeldChain(job, chain, options);
  }

  async run(): Promise<NumberStep> {
    const { tooManyAttempts } = this.held;
    const step = tooManyAttempts === undefined ? await this.work() : await this.stopJob(tooManyAttempts);
    await this.options.rest();
    // If another worker has taken the chain, the step's answer is still true. The next step finds it held.
    await this.held.release(this.held.lease.turn);
    return step;
  }

  private async work(): Promise<NumberStep> {
    const { units, clock, owner, leaseUntil: until, onUnit } = this.options;
    const { id: job, expiresAt } = this.job;
    const { chain: unit, turn } = this.held.lease;
    const taken = await units.take({ job, unit, turn, owner, now: clock.now(), until, expiresAt });
    if (!taken.taken) {
      const standing = standingOf(taken.unit, this.job, clock.now());
      return stepOf(standing, clock.now()) ?? this.lost();
    }
    const options = { ...this.options, tablesProblem: this.within.check };
    const end = await new UnitWork(this.job, taken.unit, owner, this.within.late, options).run();
    onUnit(unit, end);
    return this.after(end);
  }

  private async after(how: UnitEnd): Promise<NumberStep> {
    switch (how.end) {
      case "done":
        return this.ended("done", { done: 1, failed: 0 });
      case "failed":
        return this.ended("failed", { done: 0, failed: 1 });
      case "stopped":
        return this.goesOn(how.later);
      case "retried":
        return { state: "retrying", at: how.retryAt };
      case "paused":
        return this.park();
      case "fatal":
        return this.stopJob(how.why);
      case "lost":
      case "retired":
        return this.lost();
    }
  }

  private async ended(state: "done" | "failed", ended: Ended): Promise<NumberStep> {
    await this.options.jobs.ended(this.job, ended);
    return { state };
  }

  private lost(): NumberStep {
    return { state: "retrying", at: this.options.clock.now() + LOST_MS };
  }

  /** A state machine waits for whole seconds. The next step waits for the rest, as it waits for capacity anyway. */
  private goesOn(later: number | undefined): NumberStep {
    const now = this.options.clock.now();
    const at = Math.max(now, restsUntil(later ?? now, now));
    return { state: "continued", at: at - (at % 1_000) };
  }

  private async park(): Promise<NumberStep> {
    const head = await this.held.activeAgain();
    if (head === undefined) return { state: "parked" };
    return head.epoch === this.job.epoch ? this.goesOn(undefined) : { state: "stale" };
  }

  private async stopJob(why: string): Promise<NumberStep> {
    await this.held.stopJob(why);
    return { state: "parked" };
  }
}
