/** The tasks of the workflow driver: put engine, source, operation and capacity together. */
import type { BadEnd, BatchStep, BatchTask, EpochTask, Stopped, Summary } from "../drivers/driver";
import { handleBatch } from "../engine/workflow/batches";
import { stopJob } from "../engine/workflow/stop";
import { summarizeJob } from "../engine/workflow/summary";
import { type Timed, withWork } from "./openWork";
import type { WorkAtHand, WorkParts } from "./workParts";

/** A lane's worker is never surplus: the state machine has only as many lanes as the rate feeds. */
const goesOn = async () => true;

/** @throws what `handleBatch` throws. */
export function workBatch(task: BatchTask, at: WorkAtHand, parts: WorkParts): Promise<Timed<BatchStep>> {
  const { stopAt } = at;
  return withWork(task.job, at, parts, ({ options }) => handleBatch(task, { ...options(goesOn), stopAt }));
}

/** @throws what `summarizeJob` throws. */
export function workSummary(task: EpochTask, at: WorkAtHand, parts: WorkParts): Promise<Timed<Summary>> {
  return withWork(task.job, at, parts, ({ options }) => summarizeJob(task, options(goesOn)));
}

/** Stops the job of an execution that fails. @throws what `stopJob` throws. */
export function workStop(end: BadEnd, at: WorkAtHand, parts: WorkParts): Promise<Timed<Stopped>> {
  // No job is named here, because only `stopJob` finds out which one it is, and no unit is worked on.
  return withWork("", at, parts, ({ options }) => stopJob(end, options(goesOn)));
}
