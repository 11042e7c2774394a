import type { JobPlan } from "../../../shared/cost/jobPlan";

/** A count of 10 million items of 1 KB at so many RCU/s, on workers of 256 MB. */
export function plan(readRate: number, changes: Partial<JobPlan> = {}): JobPlan {
  const { items = 10_000_000, bytes = items * 1024, consistentRead = false } = changes;
  return {
    work: { operation: "count", table: "surveys" },
    filtered: false,
    consistentRead,
    items,
    bytes,
    onePassRcu: bytes / (consistentRead ? 4096 : 8192),
    units: 16,
    limits: [{ direction: "read", table: "surveys", limits: { table: readRate } }],
    capacity: { perSecond: 12_000, paidBy: "request" },
    workers: { memoryMegabytes: 256, timeoutSeconds: 60, maximumConcurrency: 16 },
    warnings: [],
    ...changes,
  };
}
