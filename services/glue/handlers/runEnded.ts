/** Handles ended runs of the Glue job: the one that an event names, or all whose events were lost. Wiring only. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GlueClient } from "@aws-sdk/client-glue";
import { SQSClient } from "@aws-sdk/client-sqs";
import { clientSettings } from "../../../shared/aws/clients";
import { retryTransient } from "../../../shared/aws/transient";
import { systemClock } from "../../../shared/clock";
import { SqsUnitQueue } from "../../../shared/drivers/queue/unitQueue";
import { runEnd } from "../../../shared/drivers/spark/runEnd";
import type { Job, JobHead } from "../../../shared/jobs/job";
import { DynamoDbChains } from "../../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbJobs } from "../../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../../shared/jobs/storage/dynamoDbUnits";
import { keepRun, type RunUse } from "../../../shared/jobs/storage/runs";
import { readEnvironment } from "../../../shared/runtime/environment";
import { taskHandler } from "../../../shared/runtime/taskHandler";
import { BAD_RUNS } from "../badRuns";
import { lostEnds } from "../lostEnds";
import { type Settled, settleRun, settleVariables } from "../settleRun";
import { isSweep } from "../sweep";

const settings = readEnvironment(settleVariables, process.env);
const logger = new Logger();
const metrics = new Metrics();
const client = new DynamoDBClient(clientSettings);
const glue = new GlueClient(clientSettings);
const sqs = new SQSClient(clientSettings);

export const handler = taskHandler<Settled[]>({
  work: async (event, signal) => {
    const retry = <T>(call: () => Promise<T>) => retryTransient(call, signal);
    const records = { client, table: settings.JOBS_TABLE, retry };
    const parts = {
      glue,
      jobsTable: settings.JOBS_TABLE,
      jobs: new DynamoDbJobs(records),
      units: new DynamoDbUnits(records),
      chains: new DynamoDbChains(records),
      keepRun: (job: JobHead, use: RunUse) => keepRun(job, use, records),
      queueOf: ({ target }: Job) => {
        const queueUrl = target === undefined ? settings.UNIT_QUEUE_URL : settings.WRITING_QUEUE_URL!;
        return new SqsUnitQueue({ sqs, queueUrl, retry });
      },
      clock: systemClock,
      retry,
    };
    const settled: Settled[] = [];
    for (const end of isSweep(event) ? await lostEnds(event.sweep, parts) : [runEnd(event)]) {
      const each = await settleRun(end, parts);
      logger.info(`run ${each.state}`, { ...end, ...each });
      if (each.reason !== undefined) metrics.addMetric(BAD_RUNS, MetricUnit.Count, 1);
      settled.push(each);
    }
    return settled;
  },
  logger,
  metrics,
});
