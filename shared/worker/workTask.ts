/** The tasks of the workflow driver: put engine, source, operation and capacity together. */
import type { EpochTask, NumberStep, NumberTask, Summary } from "../drivers/driver";
import { handleNumber } from "../engine/workflow/numbers";
import { summarizeJob } from "../engine/workflow/summary";
import { type Timed, withWork } from "./openWork";
import type { WorkAtHand, WorkParts } from "./workParts";

/** A number's worker is never one too many: the state machine has as many lanes as the rate feeds. */
const goesOn = async () => true;

/** @throws what `handleNumber` throws. */
export function workNumber(task: NumberTask, at: WorkAtHand, parts: WorkParts): Promise<Timed<NumberStep>> {
  return withWork(task.job, at, parts, ({ options }) => handleNumber(task, options(goesOn)));
}

/** @throws what `summarizeJob` throws. */
export function workSummary(task: EpochTask, at: WorkAtHand, parts: WorkParts): Promise<Timed<Summary>> {
  return withWork(task.job, at, parts, ({ options }) => summarizeJob(task, options(goesOn)));
}
