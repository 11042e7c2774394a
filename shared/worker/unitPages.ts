/** One worker's work on the pages of a unit: opens its source and operation, and puts limits, pauses and failures around them. */
import { Budget } from "../engine/budget";
import { workPages } from "../engine/pageLoop";
import type { PauseWatch } from "../engine/pauseWatch";
import { keepingReason } from "../engine/retries";
import type { Stretch, WorkTools } from "../engine/unitWork";
import type { Job } from "../jobs/job";
import type { Unit } from "../jobs/unit";
import { sourceReader } from "../sources/readers";
import type { Source } from "../sources/source";
import { type CapacitySession, LONGEST_WAIT_MS } from "./capacitySession";
import type { FailureBrake } from "./failureBrake";
import { operationOf, toolsOf } from "./operationTools";
import type { WorkAtHand, WorkParts } from "./workParts";

export interface Working extends WorkAtHand {
  readonly capacity: CapacitySession;
  readonly pauses: PauseWatch;
  readonly failures: FailureBrake;
  /** Whether the worker goes on with the unit; asked between two pages. */
  readonly goOn: () => Promise<boolean>;
  /** Collects the errors of reading the source. */
  readonly ofSource: WeakSet<object>;
}

export async function workOnUnit(
  job: Job,
  unit: Unit,
  { save, note }: WorkTools,
  at: Working,
  parts: WorkParts,
): Promise<Stretch> {
  const { clock, retryTransient } = parts;
  const { stopAt, deadline, capacity, pauses, failures, ofSource } = at;
  await failures.check(job);
  if (failures.paused) return { end: "paused" };
  const retry = keepingReason((call) => retryTransient(call, at.workSignal), clock, note);
  const { client, perSecond } = capacity.of(job);
  const budget = new Budget({ clock, deadline, perSecond, failedAttempts: Math.max(0, unit.attempts - 1) });
  const { estimatedBytes, estimatedItems, units } = job;
  const averageBytes = estimatedItems > 0 ? estimatedBytes / estimatedItems : undefined;
  const source = sourceReader(job.source).open(
    { spec: job.source, unit: unit.number, units, averageBytes, before: unit.counts },
    { dynamodb: client, s3: parts.s3, budget, retry },
  );
  const read: Source["read"] = async (cursor, signal) => {
    try {
      return await source.read(cursor, signal);
    } catch (error) {
      if (error instanceof Error) ofSource.add(error);
      throw error;
    }
  };
  const tools = { ...toolsOf(job, capacity.of(job), at, parts), retry };
  const shared = {
    job,
    unit,
    source: { read },
    operation: operationOf(job, parts),
    tools,
    budget,
    clock,
    stopAt,
    save,
  };
  try {
    return await workPages({
      ...shared,
      goOn: async () => (failures.paused || (await pauses.isPaused(job.id)) ? "paused" : at.goOn()),
      onFailures: (further) => failures.count(job, further),
      longestWaitMs: LONGEST_WAIT_MS,
    });
  } finally {
    source.close?.();
  }
}
