/** The handler of the workflow driver's ProcessNumber functions, which differ by the operations they know. Wiring only. */
import { batchTask } from "../drivers/workflow/tasks";
import type { OperationSet } from "../operations/operation";
import { taskWorker } from "./taskWorker";
import { workBatch } from "./workTask";

/**
 * @param environment the function's variables, those of `workVariables` among them.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function numberWorker(operations: OperationSet, environment: Readonly<Record<string, string | undefined>>) {
  return taskWorker({ operations, environment, parse: batchTask, work: workBatch });
}
