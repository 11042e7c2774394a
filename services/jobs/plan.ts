/** From a request and the source's facts to a job, or to all reasons why there is none. Pure. */
import { firstChains } from "../../shared/capacity/metering/workerSpeed";
import type { Job, JobLimit } from "../../shared/jobs/job";
import { lowestRate } from "../../shared/jobs/limits";
import { type CheckedRequest, invalidRequest } from "../../shared/jobs/startRequest";
import { contentProblems, directionsOf, type Judged, paramsOf } from "./problems";

export interface PlanInput extends Judged {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Days after its start for which the job's records are kept. 0: for ever. */
  readonly expirationDays: number;
  /** Most workers that the driver runs at once. */
  readonly mostWorkers: number;
}

const SECONDS_PER_DAY = 86_400;
/** The estimate of a table's size may be old, and a job may pause or fail meanwhile. */
const MARGIN_DAYS = 14;

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each, those of the form first. */
export function planJob(input: PlanInput): Job {
  const problems = [...input.form.problems, ...contentProblems(input)];
  if (problems.length > 0) throw invalidRequest(problems);
  // Where nothing is wrong nothing is missing.
  return jobOf(input.form.sound as CheckedRequest, input);
}

function jobOf(request: CheckedRequest, input: PlanInput): Job {
  const { kind, facts, operation, id, now, expirationDays, mostWorkers } = input;
  const { table, index, limitGroup } = request;
  const limits = directionsOf(operation).map((direction): JobLimit => {
    return { direction, table, limits: kind.limits(request, facts, request[`${direction}Rate`]!)! };
  });
  const { units, estimate, identity } = kind.plan(request, facts, limits[0]!.limits);
  const days = estimate.rcu / limits[0]!.limits.table / SECONDS_PER_DAY;
  if (expirationDays > 0 && days > expirationDays - MARGIN_DAYS) throw invalidRequest([tooLong(days, expirationDays)]);
  return {
    id,
    work: { operation: request.operation, table, ...(index === undefined ? {} : { index }) },
    source: kind.spec(request),
    identity,
    operation: { name: request.operation, params: paramsOf(request, operation) },
    state: "starting",
    units,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    claimed: 0,
    chains: firstChains(lowestRate({ limits }), units, mostWorkers),
    limits,
    ...(limitGroup === undefined ? {} : { limitGroup }),
    estimatedItems: estimate.items,
    estimatedBytes: estimate.bytes,
    createdAt: now,
    ...(expirationDays === 0 ? {} : { expiresAt: Math.floor(now / 1000) + expirationDays * SECONDS_PER_DAY }),
  };
}

/** Records that expire under a running job would take its checkpoints along. */
function tooLong(days: number, expirationDays: number): string {
  return (
    `readRate must let the job end ${MARGIN_DAYS} days before its records expire (config jobsExpirationDays: ` +
    `${expirationDays}), at this rate it takes about ${Math.ceil(days)} days.`
  );
}
