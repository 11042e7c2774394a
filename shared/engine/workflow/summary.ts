/**
 * The end of an execution: ends the job if all its units have ended, or returns when to continue with the others.
 *
 * A worker writes the job's result only while it holds a chain, so that nobody deletes the job meanwhile (jobs/workersLeft.ts). This one
 * holds a chain of its own, behind those of all units: a unit's chain may be in a crashed worker's hands although the unit is done.
 */
import type { EpochTask, Summary } from "../../drivers/driver";
import { isActive, type Job, type JobHead } from "../../jobs/job";
import { completeJob } from "../completion";
import { HeldChain, type HoldOptions, takeChain } from "../heldChain";
import { standingOf } from "../tally";
import { firstTurn } from "../turns";
import { heldUntil } from "./heldUntil";
import { jobOfTask } from "./taskJob";

/** An execution never looks again sooner than this, milliseconds. */
const LEAST_WAIT_MS = 1_000;

/** @throws SluiceError NO_SUCH_JOB, or what a store or the operation's `finish` failed with: the task has to come again. */
export async function summarizeJob(task: EpochTask, options: HoldOptions): Promise<Summary> {
  const job = await jobOfTask(task, options.jobs);
  if (job === undefined) return { state: "stale" };
  if (!isActive(job)) {
    await completeJob(job.id, options);
    return outcomeOf(job) ?? { state: "parked" };
  }
  const turn = firstTurn(job.epoch);
  const { taken, chain } = await takeChain(job, { chain: job.units, turn }, options);
  if (!taken) {
    const now = options.clock.now();
    return chain.turn > turn ? { state: "stale" } : leftUntil(heldUntil(chain, turn, now), now);
  }
  const held = new HeldChain(job, chain, options);
  const putDown = async () => {
    await options.rest();
    await held.release(turn);
  };
  const summary = await summarize(job, held, options).catch(async (error) => {
    // The next attempt need not wait for the lease, because this one does nothing more. This attempt's error counts, not an
    // error of the release.
    await putDown().catch(() => undefined);
    throw error;
  });
  await putDown();
  return summary;
}

async function summarize(job: Job, held: HeldChain, options: HoldOptions): Promise<Summary> {
  const { tooManyAttempts } = held;
  if (tooManyAttempts === undefined) await completeJob(job.id, options);
  else await held.stopJob(tooManyAttempts);
  const head = await options.jobs.head(job.id);
  if (head === undefined || head.epoch !== job.epoch) return { state: "stale" };
  return outcomeOf(head) ?? (isActive(head) ? left(job, options) : { state: "parked" });
}

/** Undefined: the job has not ended by itself. */
function outcomeOf({ state }: Pick<JobHead, "state">): Summary | undefined {
  return state === "completed" || state === "failed" ? { state: "ended", job: state } : undefined;
}

/** A unit that is neither held nor due later is free: it has lost its lane, so somebody should go on with it soon. */
async function left(job: Job, { units, clock }: HoldOptions): Promise<Summary> {
  const now = clock.now();
  let [ended, waiting, first] = [0, 0, Number.POSITIVE_INFINITY];
  for (const unit of await units.list(job.id)) {
    const standing = standingOf(unit, job, now);
    if (standing.is === "done" || standing.is === "failed") ended++;
    if (!("until" in standing)) continue;
    waiting++;
    first = Math.min(first, standing.until);
  }
  const allWait = waiting > 0 && ended + waiting === job.units;
  return leftUntil(allWait ? first : now, now);
}

function leftUntil(at: number, now: number): Summary {
  return { state: "left", at: Math.max(at, now + LEAST_WAIT_MS) };
}
