/**
 * Notices a pause while the work consumes no capacity. Workers that consume capacity learn of a pause from the ledgers, which
 * they visit anyway.
 */
import type { Clock } from "../clock";
import { isActive } from "../jobs/job";
import type { JobStore } from "../jobs/stores";

/** How often it looks, milliseconds. */
const LOOK_MS = 2_000;

export interface PauseWatchOptions {
  readonly jobs: Pick<JobStore, "head">;
  readonly clock: Pick<Clock, "now">;
  /** Whether the ledgers show pauses. */
  readonly visitsLedgers: () => boolean;
}

export class PauseWatch {
  private lookedAt: number;

  constructor(private readonly options: PauseWatchOptions) {
    this.lookedAt = options.clock.now();
  }

  /** Called between two pages. Whether the job is paused, stopped or cancelled; reads its head every two seconds. */
  async isPaused(job: string): Promise<boolean> {
    const { jobs, clock, visitsLedgers } = this.options;
    const now = clock.now();
    if (visitsLedgers() || now - this.lookedAt < LOOK_MS) return false;
    this.lookedAt = now;
    const head = await jobs.head(job);
    return head === undefined || !isActive(head);
  }
}
