/** Pauses a job whose items fail too often: an operator should look before more of them do. */
import type { Clock } from "../clock";
import type { Job, JobHead } from "../jobs/job";
import type { FailureStore } from "../jobs/stores";

export class FailureBrake {
  constructor(
    private readonly jobs: FailureStore,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  /** Counts further items that failed for good, and pauses the job if they are too many. */
  async add(job: Job, further: number): Promise<void> {
    const head = await this.jobs.addFailures(job.id, further);
    if (head !== undefined && tooMany(head)) await this.jobs.pause(job, reasonOf(head), this.clock.now());
  }
}

function tooMany({ failures = 0, mostFailures = Number.POSITIVE_INFINITY }: JobHead): boolean {
  return failures > mostFailures;
}

function reasonOf({ id, failures, mostFailures }: JobHead): string {
  return (
    `${failures} items failed, more than the ${mostFailures} that may (maxFailures). Look at them with ` +
    `\`jobs failures ${id}\`; \`jobs resume ${id}\` goes on and lets as many fail again.`
  );
}
