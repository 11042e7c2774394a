/** The plan of a start request, for an estimate. Checks the request as a start does, and starts nothing. */
import type { JobPlan, SparkSettings, WorkerSettings } from "../../shared/cost/jobPlan";
import type { PlanAnswer } from "../../shared/jobs/startFunction";
import { type CheckedJob, type CheckOptions, checkRequest } from "./checkRequest";
import { competitionWarnings } from "./otherJobs";

/**
 * @param given a StartRequest, unchecked. @param newId the id if the request has none.
 * @throws SluiceError INVALID_REQUEST (`value`: all problems, a sentence each)
 */
export async function planRequest(
  given: unknown,
  newId: string,
  options: CheckOptions & {
    /** Settings of the workers that know an operation. */
    readonly workerSettings: (operation: string) => WorkerSettings;
    /** Settings of a run of the spark driver. Default: there is no spark driver. */
    readonly sparkSettings?: SparkSettings | undefined;
  },
): Promise<PlanAnswer> {
  const checked = await checkRequest(given, newId, options);
  const plan = planOf(checked, options.workerSettings(checked.job.work.operation));
  const spark = checked.canBeSparks ? options.sparkSettings : undefined;
  return { plan: spark === undefined ? plan : { ...plan, spark } };
}

/** Pure. */
function planOf({ job, source, others }: CheckedJob, workers: WorkerSettings): JobPlan {
  const { work, units, limits, source: spec, driver } = job;
  const { estimate, capacity } = source;
  return {
    ...(job.target === undefined
      ? {}
      : { changes: { table: job.target.name, dryRun: job.operation.params.dryRun === true } }),
    work,
    ...(driver === undefined ? {} : { driver }),
    ...(spec.kind === "table" ? {} : { source: spec.kind }),
    filtered: spec.kind === "table" && (spec.filter !== undefined || spec.projection !== undefined),
    consistentRead: spec.kind === "table" && spec.consistentRead,
    items: estimate.items,
    bytes: estimate.bytes,
    onePassRcu: estimate.rcu,
    units,
    limits,
    ...(capacity === undefined ? {} : { capacity }),
    workers,
    warnings: competitionWarnings(job, others),
  };
}
