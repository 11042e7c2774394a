/** The common part of the workflow driver's functions that work on a job. Wiring only. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import type { BatchStep, Stopped, Summary } from "../drivers/driver";
import { type Answer, answerOf } from "../drivers/workflow/tasks";
import type { OperationSet } from "../operations/operation";
import { readEnvironment } from "../runtime/environment";
import { taskHandler } from "../runtime/taskHandler";
import { functionParts, workAtHand, workVariables } from "./functionParts";
import type { Timed } from "./openWork";
import { WorkerReport } from "./report";
import type { WorkAtHand, WorkParts } from "./workParts";

export interface TaskWorkerOptions<Task, Outcome> {
  readonly operations: OperationSet;
  /** The function's variables, those of `workVariables` among them. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads the input. */
  readonly parse: (given: unknown) => Task;
  readonly work: (task: Task, at: WorkAtHand, parts: WorkParts) => Promise<Timed<Outcome>>;
}

/** @throws SluiceError INVALID_ENVIRONMENT */
export function taskWorker<Task extends object, Outcome extends BatchStep | Summary | Stopped>({
  operations,
  environment,
  parse,
  work,
}: TaskWorkerOptions<Task, Outcome>) {
  const settings = readEnvironment(workVariables, environment);
  const logger = new Logger();
  const metrics = new Metrics();
  const report = new WorkerReport(logger, metrics);
  const megabytes = Number(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  const { parts, meter } = functionParts({ operations, settings, megabytes, polls: false, report });
  return taskHandler<Answer<Outcome>>({
    work: async (event, signal, context) => {
      meter.begin(Date.now());
      const task = parse(event);
      const { handled, ...seconds } = await work(task, workAtHand(context, signal), parts);
      const answer = answerOf(handled);
      report.task(answer, task, seconds);
      return answer;
    },
    logger,
    metrics,
  });
}
