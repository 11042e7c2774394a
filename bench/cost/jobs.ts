/** Runs one job on the local cloud, and collects everything that the meter shows about it. */
import { setTimeout as sleep } from "node:timers/promises";
import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { invokeStart, isRefusal } from "../../cli/startFunction";
import type { LocalCloud } from "../../local/cloud";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import type { Reading } from "../../local/metering/metering";
import { finalStates, type Job } from "../../shared/jobs/job";
import { readJob } from "../../shared/jobs/storage/reading";
import { type WorkerTimes, workerTimes } from "./workerTimes";

export type OperationName = "count" | "export";

export interface Ground {
  readonly cloud: LocalCloud;
  readonly dynamodb: DynamoDBClient;
  /** The output of functions to their logs so far. */
  readonly log: () => string;
}

export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reading: Reading;
}

export interface JobRun {
  readonly job: Job;
  readonly reading: Reading;
  /** What the meter showed while the job ran. */
  readonly samples: readonly Sample[];
  /** The job's table, from the start request on. */
  readonly consumption: ConsumptionReport;
  readonly times: WorkerTimes | undefined;
}

const LOOK_EVERY_MS = 250;
/** Time for messages and invocations to come to rest after a job's end. */
const REST_MS = 1_500;

export interface JobOrder {
  readonly table: string;
  readonly operation: OperationName;
  /** RCU/s. */
  readonly rate: number;
  /** Number of segments. Default: as many as the start function chooses. */
  readonly segments?: number;
  readonly mostMs: number;
}

/** Runs a job to its end. @throws Error if it does not complete within `mostMs`. */
export async function runJob({ cloud, dynamodb, log }: Ground, order: JobOrder): Promise<JobRun> {
  await cloud.throttling.set({ table: order.table, mode: "record" });
  const [from, logged] = [Date.now(), log().length];
  const meter = cloud.metering.start();
  const samples: Sample[] = [];
  try {
    const id = await start(cloud, order);
    for (;;) {
      const job = await readJob(dynamodb, jobsTableOf(cloud), id);
      samples.push({ at: Date.now(), reading: meter.read() });
      if (job?.state === "completed") {
        await sleep(REST_MS);
        const consumption = cloud.throttling.consumption(order.table, from);
        return { job, reading: meter.read(), samples, consumption, times: workerTimes(log().slice(logged)) };
      }
      if (job === undefined || finalStates.includes(job.state)) throw new Error(`the job is ${job?.state ?? "gone"}`);
      if (Date.now() > from + order.mostMs) throw new Error(`the job has not ended within ${order.mostMs / 1_000} s`);
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    meter.stop();
  }
}

export function jobsTableOf({ outputs }: LocalCloud): string {
  return (outputs.operator as { jobsTable: string }).jobsTable;
}

async function start({ endpoint, region, credentials, outputs }: LocalCloud, order: JobOrder): Promise<string> {
  const { startFunction } = outputs.operator as { startFunction: string };
  const lambda = new LambdaClient({ endpoint, region, credentials });
  try {
    const { table, operation, rate: readRate, segments } = order;
    const request = { table, operation, readRate, ...(segments === undefined ? {} : { segments }) };
    const answer = await invokeStart(lambda, startFunction, request);
    if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
    return answer.job;
  } finally {
    lambda.destroy();
  }
}

/** Consumption of one undisturbed pass with full pages, RCU. */
export async function undisturbedPass(dynamodb: DynamoDBClient, TableName: string): Promise<number> {
  let rcu = 0;
  let ExclusiveStartKey: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const input = { TableName, ExclusiveStartKey, ReturnConsumedCapacity: "TOTAL" as const };
    const page: ScanCommandOutput = await dynamodb.send(new ScanCommand(input));
    rcu += page.ConsumedCapacity?.CapacityUnits ?? 0;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return rcu;
}
