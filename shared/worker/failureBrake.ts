/**
 * Pauses a job once more of its items have failed than it allows: an operator should look before more of them fail.
 *
 *   count        before a checkpoint with failures, their number is added to the job's estimate
 *   checkpoint   the unit's record has the exact number
 *   check        if the estimate exceeds the bound: sum up the units' records, then pause the job or correct the estimate
 *
 * A page that is repeated after a crash counts again, but its unit has it once. So the estimate is never too low, and the sum
 * decides. A worker that is killed before its check leaves an estimate that exceeds the bound; the next worker that takes a unit
 * or saves failures checks it.
 *
 * A sum lacks the pages that are between count and checkpoint, and so does an estimate that it corrects. The workers of
 * these pages find that a recount came between, and add their failures again. A recount that comes after the job was
 * paused or resumed is refused, because those workers may have gone by then.
 */
import type { Clock } from "../clock";
import { isActive, type Job, type JobHead } from "../jobs/job";
import type { FailedItems, FailureStore } from "../jobs/stores";
import { mostFailuresOf } from "../writing/failureBound";

/** The brake of one worker, for one job. */
export class FailureBrake {
  /** Whether the last check found the job paused, or paused it. */
  paused = false;
  /** Failures that this worker has added and not checked yet, and the number of recounts before it added them. */
  private unchecked: { readonly failures: number; readonly recounts: number } | undefined;

  constructor(
    private readonly jobs: FailureStore,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  /** Adds to the job's estimate. Called before the checkpoint that has these failures. */
  async count({ id, mostFailures }: Job, further: number): Promise<void> {
    if (mostFailures === undefined) return;
    const head = await this.jobs.addFailures(id, further);
    if (head === undefined) return;
    // A checkpoint that failed has left its failures unchecked.
    const { failures, recounts } = this.unchecked ?? { failures: 0, recounts: recountsOf(head) };
    this.unchecked = { failures: failures + further, recounts };
  }

  /** Called after each checkpoint. */
  async saved(job: Job): Promise<void> {
    if (this.unchecked !== undefined) await this.check(job);
  }

  /** Called before the work on a unit. Pauses the job if too many items have failed. */
  async check(job: Job): Promise<void> {
    if (job.mostFailures === undefined) return;
    for (;;) {
      const head = await this.head(job.id);
      const judgement = head === undefined || !isActive(head) ? "paused" : await this.judge(job, head);
      if (judgement === "recounted meanwhile") continue;
      this.unchecked = undefined;
      this.paused = judgement === "paused";
      return;
    }
  }

  /** The job's head. Its estimate includes what this worker has added. */
  private async head(job: string): Promise<JobHead | undefined> {
    const { jobs } = this;
    const head = await jobs.head(job);
    const { unchecked } = this;
    if (unchecked === undefined || head === undefined || recountsOf(head) === unchecked.recounts) return head;
    const again = await jobs.addFailures(job, unchecked.failures);
    if (again !== undefined) this.unchecked = { ...unchecked, recounts: recountsOf(again) };
    return again;
  }

  private async judge(job: Job, head: JobHead): Promise<"goes on" | "paused" | "recounted meanwhile"> {
    if (!exceeds(head)) return "goes on";
    const { jobs, clock } = this;
    const found = await jobs.failedItems(job.id);
    const most = mostOf(head, found);
    const failed = found.failures - before(head);
    if (failed > most) {
      await jobs.pause({ ...job, ...head }, reasonOf(head, failed, most), clock.now());
      // A recount that came just before may lack this worker's failures.
      await this.head(job.id);
      return "paused";
    }
    const isCorrected = await jobs.recount(head, { failures: found.failures, mostFailures: most });
    return isCorrected ? "goes on" : "recounted meanwhile";
  }
}

function exceeds({ failures = 0, mostFailures = Number.POSITIVE_INFINITY, ...head }: JobHead): boolean {
  return failures - before(head) > mostFailures;
}

/** More items may turn up than the table was known to have at the start. */
function mostOf({ mostFailures: count = 0, mostFailuresPercent: percent = 0 }: JobHead, found: FailedItems): number {
  return mostFailuresOf({ count, percent }, found.scannedItems);
}

function before({ failuresBefore = 0 }: Pick<JobHead, "failuresBefore">): number {
  return failuresBefore;
}

function recountsOf({ recounts = 0 }: JobHead): number {
  return recounts;
}

function reasonOf(head: JobHead, failed: number, most: number): string {
  const since = head.resumedAt === undefined ? "" : " since the job was resumed";
  return (
    `${failed} ${failed === 1 ? "item" : "items"} failed${since}, more than the ${most} allowed (maxFailures). Look at them with ` +
    `\`jobs failures ${head.id}\`; \`jobs resume ${head.id}\` goes on and lets as many fail again.`
  );
}
