/** Whether a worker may still write for a job that has ended. */
import { SluiceError } from "../errors";
import type { Job } from "./job";
import { sortKeyPrefixes } from "./storage/jobsTable";
import { queryJob } from "./storage/reading";
import type { JobsTableOptions } from "./storage/updateRecord";

/** Largest difference between the operator's clock and a worker's, milliseconds. AWS rejects requests beyond that. */
const CLOCKS_MS = 5 * 60_000;

export interface WorkersLeftOptions extends JobsTableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * An error WORKERS_LEFT if a worker may still write for the job; `value`: until when at most, milliseconds since the epoch.
 * Undefined: no worker may. Workers write only while they hold the lease of a chain, even the job's result. They release it
 * within seconds; a lease that stays belongs to a crashed worker. `what`: what can't be done to the job meanwhile.
 */
export async function workersLeft(
  { id }: Job,
  options: WorkersLeftOptions,
  what: "deleted" | "undone" = "deleted",
): Promise<SluiceError | undefined> {
  const { chain, leaseUntil } = await lastLease(id, options);
  const until = leaseUntil + CLOCKS_MS;
  if (leaseUntil === 0 || until < options.now()) return undefined;
  const moment = new Date(until).toISOString().slice(0, 19).replace("T", " ");
  const message = `Job ${id} cannot be ${what} before ${moment}Z: a worker may still go on with chain ${chain}.`;
  return new SluiceError("WORKERS_LEFT", message, { value: until });
}

/** The end of the last lease; 0 if there is none. */
async function lastLease(id: string, options: WorkersLeftOptions): Promise<{ chain: number; leaseUntil: number }> {
  const { client, table, retry } = options;
  let last = { chain: 0, leaseUntil: 0 };
  for await (const item of queryJob(client, table, id, sortKeyPrefixes.chain, { ConsistentRead: true, retry })) {
    const leaseUntil = Number(item.leaseUntil?.N ?? 0);
    if (leaseUntil > last.leaseUntil) last = { chain: Number(item.number?.N), leaseUntil };
  }
  return last;
}
