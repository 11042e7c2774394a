/** The handler of the workflow driver's Summarize functions, which differ by the operations they know. Wiring only. */
import { epochTask } from "../drivers/workflow/tasks";
import type { OperationSet } from "../operations/operation";
import { taskWorker } from "./taskWorker";
import { workSummary } from "./workTask";

/**
 * @param environment the function's variables, those of `workVariables` among them.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function summarizeWorker(operations: OperationSet, environment: Readonly<Record<string, string | undefined>>) {
  return taskWorker({ operations, environment, parse: epochTask, work: workSummary });
}
