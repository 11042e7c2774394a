/** The usage of a job with the spark driver, whose tasks are those of one Glue run. Pure. */
import { chainsOf } from "./chains";
import { type DpuSeconds, LEAST_BILLED_SECONDS } from "./dpuSeconds";
import type { Handing } from "./handing";
import type { JobPlan, SparkSettings } from "./jobPlan";
import { sparkUsage } from "./jobUsage";
import type { Load } from "./load";
import { SPARK, UNIT } from "./model";
import type { Usage } from "./usage";

/** Tasks that run at once. One worker only drives the others; a DPU has four cores, with a task each. */
export function tasksOf({ workers, dpusPerWorker }: SparkSettings): number {
  return (workers - 1) * dpusPerWorker * SPARK.tasksPerDpu;
}

export interface SparkWork {
  /** Tasks that find work at the job's rate. The run has `tasksOf` tasks, and AWS bills all of them. */
  readonly workers: number;
  /** From the request to the end of the job. */
  readonly seconds: number;
  readonly usage: Usage;
  readonly dpu: DpuSeconds;
}

/** A task takes one unit after another, in stretches that are like invocations. */
const sparkHanding: Handing = {
  successions: ({ workers }) => workers,
  turn: SPARK.stretch,
  handOn: SPARK.handOn,
  unit: UNIT,
  worker: {},
};

export function sparkWork(plan: JobPlan, load: Load, spark: SparkSettings): SparkWork {
  const workers = { memoryMegabytes: 0, timeoutSeconds: SPARK.stretchSeconds, maximumConcurrency: tasksOf(spark) };
  const chains = chainsOf({ ...plan, workers }, load, sparkHanding);
  // Tasks are no invocations of Lambda.
  const requests = { ...chains.usage, invocations: 0, billedMs: 0, gigabyteSeconds: 0 };
  const busy = SPARK.setupSeconds + chains.seconds;
  const paid = spark.workers * spark.dpusPerWorker * Math.max(LEAST_BILLED_SECONDS, busy);
  return {
    workers: chains.workers,
    seconds: SPARK.startSeconds + busy,
    usage: sparkUsage(requests),
    dpu: spark.flex ? { standard: 0, flex: paid } : { standard: paid, flex: 0 },
  };
}
