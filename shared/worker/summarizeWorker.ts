/** The handler of the workflow driver's Summarize function. Wiring only. */
import type { BadEnd, EpochTask, Stopped, Summary } from "../drivers/driver";
import { recordedFailure, statusChange } from "../drivers/workflow/endings";
import { epochTask } from "../drivers/workflow/tasks";
import { stopJob } from "../engine/workflow/stop";
import type { OperationSet } from "../operations/operation";
import { withWork } from "./openWork";
import { taskWorker } from "./taskWorker";
import { workSummary } from "./workTask";

const goesOn = async () => true;

/**
 * Ends an epoch; stops a job whose execution fails or has ended badly.
 * @param environment the function's variables, those of `workVariables` among them.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function summarizeWorker(operations: OperationSet, environment: Readonly<Record<string, string | undefined>>) {
  return taskWorker<EpochTask | BadEnd, Summary | Stopped>({
    operations,
    environment,
    parse: (given) => recordedFailure(given) ?? statusChange(given) ?? epochTask(given),
    work: (task, at, parts) =>
      "reason" in task
        ? withWork("", at, parts, ({ options }) => stopJob(task, options(goesOn)))
        : workSummary(task, at, parts),
  });
}
