import type { Job, JobLimit } from "../../shared/jobs/job";

/**
 * A running job that counts table `answers` at 100 RCU/s. A test gives the fields that it is about; `work` follows from source
 * and operation.
 */
export function sampleJob(part: Partial<Job> = {}): Job {
  const { source = { kind: "table", table: "answers", consistentRead: false } as const } = part;
  const { operation = { name: "count", params: {} } } = part;
  const { table } = source;
  const index = source.kind === "table" ? source.index : undefined;
  return {
    id: "job",
    work: { operation: operation.name, table, ...(index === undefined ? {} : { index }) },
    source,
    identity: { id: `id of ${table}` },
    operation,
    state: "running",
    units: 2,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    claimed: 0,
    chains: 1,
    limits: [readLimit(100, table)],
    estimatedItems: 1000,
    estimatedBytes: 400_000,
    createdAt: 1_800_000_000_000,
    ...part,
  };
}

/** What a job may read from a table, capacity units per second. */
export function readLimit(perSecond: number, table = "answers"): JobLimit {
  return { direction: "read", table, limits: { table: perSecond } };
}
