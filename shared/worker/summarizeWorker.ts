/** The handler of the workflow driver's Summarize function. Wiring only. */
import type { BadEnd, EpochTask, Stopped, Summary } from "../drivers/driver";
import { recordedFailure, statusChange } from "../drivers/workflow/endings";
import { epochTask } from "../drivers/workflow/tasks";
import type { OperationSet } from "../operations/operation";
import { taskWorker } from "./taskWorker";
import { workStop, workSummary } from "./workTask";

/**
 * Ends an epoch; stops a job whose execution fails or has failed.
 * @param environment the function's variables, those of `workVariables` among them.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function summarizeWorker(operations: OperationSet, environment: Readonly<Record<string, string | undefined>>) {
  return taskWorker<EpochTask | BadEnd, Summary | Stopped>({
    operations,
    environment,
    parse: (given) => recordedFailure(given) ?? statusChange(given) ?? epochTask(given),
    work: (task, at, parts) => ("reason" in task ? workStop(task, at, parts) : workSummary(task, at, parts)),
  });
}
