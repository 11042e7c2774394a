/** Runs jobs on a local cloud in this process. */
import { setTimeout as sleep } from "node:timers/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { invokeStart, isRefusal } from "../cli/startFunction";
import type { LocalCloud } from "../local/cloud";
import { finalStates, type Job } from "../shared/jobs/job";
import type { StartRequest } from "../shared/jobs/startRequest";
import { readJob } from "../shared/jobs/storage/reading";

const LOOK_EVERY_MS = 500;

/** Starts a job and waits for its end. @throws Error if it does not complete. */
export async function runJob(
  { endpoint, region, credentials, outputs }: LocalCloud,
  dynamodb: DynamoDBClient,
  request: StartRequest,
): Promise<Job> {
  const { startFunction, jobsTable } = outputs.operator as { startFunction: string; jobsTable: string };
  const answer = await invokeStart(new LambdaClient({ endpoint, region, credentials }), startFunction, request);
  if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
  for (;;) {
    const job = await readJob(dynamodb, jobsTable, answer.job);
    if (job?.state === "completed") return job;
    if (job === undefined || finalStates.includes(job.state)) throw new Error(`the job is ${job?.state}`);
    await sleep(LOOK_EVERY_MS);
  }
}
