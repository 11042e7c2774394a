/** Makes a job from a request and the facts about source and tables, or lists all reasons against it. Pure. */
import { firstChains } from "../../shared/capacity/metering/workerSpeed";
import type { Job, JobLimit } from "../../shared/jobs/job";
import { limitOf, lowestRate } from "../../shared/jobs/limits";
import { paramsOf } from "../../shared/jobs/requestProblems";
import { type CheckedRequest, invalidRequest } from "../../shared/jobs/startRequest";
import type { SourcePlan } from "../../shared/sources/source";
import type { TableFacts } from "../../shared/tables/facts";
import { mostFailuresOf } from "../../shared/writing/failureBound";
import { contentProblems, groundOf, type Judged, neededLimits, refusedTables, type Target } from "./problems";

export interface PlanInput extends Judged {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Days after its start for which the job's records are kept. 0: for ever. */
  readonly expirationDays: number;
}

export interface Planned {
  readonly job: Job;
  /** Its source's size, identity and capacity. */
  readonly source: SourcePlan;
}

const SECONDS_PER_DAY = 86_400;
/** The estimate of a table's size may be old, and a job may pause or fail meanwhile. */
const MARGIN_DAYS = 14;

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each, those of the form first. */
export function planJob(input: PlanInput): Planned {
  const problems = [...input.form.problems, ...contentProblems(input)];
  if (problems.length > 0) throw invalidRequest(problems, refusedTables(input));
  // If there are no problems, nothing is missing.
  return plannedJob(input.form.sound as CheckedRequest, input);
}

function plannedJob(request: CheckedRequest, input: PlanInput): Planned {
  const { kind, operation, target, id, now, expirationDays, mostWorkers } = input;
  const { table, index, limitGroup } = request;
  const ground = groundOf(input, input.table as TableFacts);
  const limits = neededLimits(input).map(({ limits, ...of }): JobLimit => ({ ...of, limits: limits!.limits }));
  const source = kind.plan(request, ground, limitOf({ limits }, "read")?.limits);
  const { units, estimate, identity } = source;
  refuseTooLong(input, limits, estimate.rcu);
  const job: Job = {
    id,
    work: {
      operation: request.operation,
      table,
      ...(index === undefined ? {} : { index }),
      ...(target === undefined || target.table === table ? {} : { to: target.table }),
    },
    source: kind.spec(request, ground),
    identity,
    operation: { name: request.operation, params: paramsOf(request, operation) },
    keys: ground.table.schema.keys,
    ...targetOf(target, table),
    ...(request.driver === undefined || request.driver === "queue" ? {} : { driver: request.driver }),
    state: "starting",
    units,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    claimed: 0,
    chains: firstChains(lowestRate({ limits }), units, mostWorkers),
    limits,
    ...(limitGroup === undefined ? {} : { limitGroup }),
    ...brakeOf(input, estimate.items),
    estimatedItems: estimate.items,
    estimatedBytes: estimate.bytes,
    createdAt: now,
    ...(expirationDays === 0 ? {} : { expiresAt: Math.floor(now / 1000) + expirationDays * SECONDS_PER_DAY }),
  };
  return { job, source };
}

/** @param read the table that the job reads. */
function targetOf(target: Target | undefined, read: string): Pick<Job, "target" | "targetIdentity"> {
  if (target === undefined) return {};
  const { schema, identity } = target.described as TableFacts;
  return { target: schema, ...(target.table !== read && { targetIdentity: identity }) };
}

/** The number of items that may fail. */
function brakeOf(
  { operation, form, target }: PlanInput,
  items: number,
): Pick<Job, "mostFailures" | "mostFailuresPercent"> {
  if (operation?.failureBound === undefined || target?.dryRun !== false) return {};
  const bound = operation.failureBound(paramsOf(form.sound, operation));
  const { percent = 0 } = bound;
  return { mostFailures: mostFailuresOf(bound, items), ...(percent > 0 && { mostFailuresPercent: percent }) };
}

/** If records expire while the job runs, its checkpoints are gone. */
function refuseTooLong({ expirationDays }: PlanInput, limits: readonly JobLimit[], rcu: number): void {
  const read = limitOf({ limits }, "read");
  if (expirationDays === 0 || read === undefined) return;
  const days = rcu / read.limits.table / SECONDS_PER_DAY;
  if (days <= expirationDays - MARGIN_DAYS) return;
  throw invalidRequest([
    `readRate must let the job end ${MARGIN_DAYS} days before its records expire (config jobsExpirationDays: ` +
      `${expirationDays}), at this rate it takes about ${Math.ceil(days)} days.`,
  ]);
}
