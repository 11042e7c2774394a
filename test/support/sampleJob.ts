import type { Job } from "../../shared/jobs/job";

/** A job that is running; what a test is about it gives itself. */
export function sampleJob(part: Partial<Job> = {}): Job {
  return {
    id: "job",
    work: { operation: "count", table: "answers" },
    source: { kind: "table", table: "answers", consistentRead: false },
    identity: { id: "answers-1" },
    operation: { name: "count", params: {} },
    state: "running",
    units: 2,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    dispatched: 0,
    limits: [{ direction: "read", table: "answers", limits: { table: 100 } }],
    estimatedItems: 1000,
    estimatedBytes: 400_000,
    createdAt: 1_800_000_000_000,
    ...part,
  };
}
