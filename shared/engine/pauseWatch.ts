/**
 * Notices a pause while the work consumes no capacity, from the beginning or since some time: later pages may need no write.
 * While a worker consumes capacity, it learns of a pause from the ledgers, which it visits anyway.
 */
import type { Clock } from "../clock";
import { isActive } from "../jobs/job";
import type { JobStore } from "../jobs/stores";

/** How often it looks, milliseconds. */
const LOOK_MS = 2_000;

export interface PauseWatchOptions {
  readonly jobs: Pick<JobStore, "head">;
  readonly clock: Pick<Clock, "now">;
  /** Account time that the worker has spent so far, milliseconds; see shared/capacity/metering/limits.ts. */
  readonly spentMs: () => number;
}

export class PauseWatch {
  /** When it, or a request that spent capacity, looked last. */
  private lookedAt: number;
  private spentMs: number;

  constructor(private readonly options: PauseWatchOptions) {
    this.lookedAt = options.clock.now();
    this.spentMs = options.spentMs();
  }

  /**
   * Called between two pages. Whether the job is paused, stopped or cancelled; reads its head if the worker has spent nothing for
   * two seconds, and every two seconds after.
   */
  async isPaused(job: string): Promise<boolean> {
    const { jobs, clock, spentMs } = this.options;
    const now = clock.now();
    const spent = spentMs();
    if (spent !== this.spentMs) {
      this.spentMs = spent;
      this.lookedAt = now;
      return false;
    }
    if (now - this.lookedAt < LOOK_MS) return false;
    this.lookedAt = now;
    const head = await jobs.head(job);
    return head === undefined || !isActive(head);
  }
}
