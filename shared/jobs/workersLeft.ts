/** Whether somebody may still write for a job that has ended. */
import { SluiceError } from "../errors";
import { isExhausted, type Job } from "./job";
import type { JobsTableOptions } from "./storage/dynamoDbUnits";
import { sortKeyPrefixes } from "./storage/jobsTable";
import { queryJob } from "./storage/reading";

/** The longest that an invocation lasts, milliseconds. */
const INVOCATION_MS = 15 * 60_000;
/** By how much the operator's clock may differ from that of a worker, milliseconds. AWS takes no request beyond that. */
const CLOCKS_MS = 5 * 60_000;

const LAST_UNIT = "workers that saw its last unit end may still write its result";

export interface WorkersLeftOptions extends JobsTableOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Until when workers may write, milliseconds since the epoch, and which. */
interface Writers {
  readonly code: "WORKERS_LEFT" | "RESULT_UNDER_WAY";
  readonly until: number;
  readonly who: string;
}

/**
 * Who may still write for the job, as an error; `value`: until when at most, milliseconds since the epoch. Undefined: nobody.
 *
 * - WORKERS_LEFT: workers write while they hold a unit's lease. They put their units down within seconds; a lease that stays
 *   belongs to a worker that crashed.
 * - RESULT_UNDER_WAY: workers that saw the last unit end write the job's result without a lease.
 */
export async function workersLeft(job: Job, options: WorkersLeftOptions): Promise<SluiceError | undefined> {
  const { id, endedAt = 0 } = job;
  const writers: Writers | undefined = isExhausted(job)
    ? { code: "RESULT_UNDER_WAY", until: endedAt + INVOCATION_MS, who: LAST_UNIT }
    : await lastLease(id, options);
  if (writers === undefined || writers.until + CLOCKS_MS < options.now()) return undefined;
  const until = writers.until + CLOCKS_MS;
  const moment = new Date(until).toISOString().slice(0, 19).replace("T", " ");
  return new SluiceError(writers.code, `Job ${id} cannot be deleted before ${moment}Z: ${writers.who}.`, {
    value: until,
  });
}

/** The lease that ends last, of units that have not ended. */
async function lastLease(id: string, { client, table, retry }: WorkersLeftOptions): Promise<Writers | undefined> {
  const projection = {
    ProjectionExpression: "#number, #state, #leaseUntil",
    ExpressionAttributeNames: { "#number": "number", "#state": "state", "#leaseUntil": "leaseUntil" },
  };
  let last: Writers | undefined;
  const units = queryJob(client, table, id, sortKeyPrefixes.unit, { ConsistentRead: true, retry, ...projection });
  for await (const { number, state, leaseUntil } of units) {
    const until = Number(leaseUntil?.N ?? 0);
    if (state?.S !== "active" || until <= (last?.until ?? 0)) continue;
    last = { code: "WORKERS_LEFT", until, who: `a worker may still hold unit ${number?.N}` };
  }
  return last;
}
