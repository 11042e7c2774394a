/** The handler of the workflow driver's GenerateShuffledNumbers function. Wiring only. */
import { Logger } from "@aws-lambda-powertools/logger";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientSettings, withoutLog } from "../aws/clients";
import { retryTransient } from "../aws/transient";
import { systemClock } from "../clock";
import type { EpochTask } from "../drivers/driver";
import { epochTask } from "../drivers/workflow/tasks";
import { DynamoDbJobs } from "../jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../jobs/storage/dynamoDbUnits";
import { readEnvironment, variable } from "../runtime/environment";
import { taskHandler } from "../runtime/taskHandler";
import { type Generated, generateNumbers } from "./generateNumbers";

/** The environment of the function. */
export const generatorVariables = { JOBS_TABLE: variable.text, MOST_WORKERS: variable.number };

/**
 * @param environment the function's variables, those of `generatorVariables` among them.
 * @param place stores the numbers for the state machine, and returns the task's answer. `signal` aborts when time is over.
 * @throws SluiceError INVALID_ENVIRONMENT
 */
export function numberGenerator<Answer>(
  environment: Readonly<Record<string, string | undefined>>,
  place: (generated: Generated, task: EpochTask, signal: AbortSignal) => Promise<Answer>,
) {
  const { JOBS_TABLE: table, MOST_WORKERS: mostWorkers } = readEnvironment(generatorVariables, environment);
  const logger = new Logger();
  const client = withoutLog(new DynamoDBClient(clientSettings));
  return taskHandler<Answer>({
    work: async (event, signal) => {
      const task = epochTask(event);
      const retry = <T>(call: () => Promise<T>) => retryTransient(call, signal);
      const [jobs, units] = [new DynamoDbJobs({ client, table, retry }), new DynamoDbUnits({ client, table, retry })];
      const generated = await generateNumbers(task, { jobs, units, clock: systemClock, mostWorkers });
      const { batches, job: _, ...rest } = generated;
      const count = batches.reduce((sum, { length }) => sum + length, 0);
      logger.info(`numbers ${generated.state}`, { ...task, ...rest, count, batches: batches.length });
      return place(generated, task, signal);
    },
    logger,
  });
}
