import { DeleteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Operator } from "../../cli/operator";
import { invokeStart, isRefusal } from "../../cli/startFunction";
import { finalStates, type Job } from "../../shared/jobs/job";
import { ledgerOwner, limitOf } from "../../shared/jobs/limits";
import { activeKey, ledgerKey, listKey, partitionOf } from "../../shared/jobs/storage/jobsTable";
import { readJob } from "../../shared/jobs/storage/reading";
import { type CodeBlock, commandLines } from "./codeBlocks";

/** Read capacity units per second at which the table lasts for many minutes. */
const SLOW = 1;
const FAST = 1_000;

/** Commands that make sense only while a job has not ended. */
const CHANGES = new Set(["rate", "pause", "resume", "cancel"]);

/** The jobs that a block's commands name, and whether one of these commands wants the job unfinished. */
export function jobsOf(block: CodeBlock): Map<string, boolean> {
  const jobs = new Map<string, boolean>();
  for (const line of commandLines(block)) {
    for (const [, verb = "", id = ""] of line.matchAll(/\bjobs (\w+) ([\w-]+)/g)) {
      if (id.startsWith("-")) continue;
      jobs.set(id, jobs.get(id) || CHANGES.has(verb));
    }
  }
  return jobs;
}

/** Brings the jobs that a block names into a state in which its commands make sense. */
export async function prepareJobs(block: CodeBlock, operator: Operator, table: string): Promise<void> {
  for (const [id, unfinished] of jobsOf(block)) {
    const job = await readJob(operator.dynamodb, operator.jobsTable, id);
    if (job !== undefined && !unfinished) continue;
    if (job !== undefined && !finalStates.includes(job.state)) {
      await operator.control.changeRate(id, limitOf(job, "read")!, { table: SLOW });
      continue;
    }
    if (job !== undefined) await forget(operator, job);
    const readRate = unfinished ? SLOW : FAST;
    const request = { operation: "count", table, readRate, jobId: id };
    const answer = await invokeStart(operator.lambda, operator.startFunction, request);
    if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
  }
}

/** Removes every record of a job that has ended, so that a new one can take its id. */
async function forget({ dynamodb, jobsTable }: Operator, job: Job): Promise<void> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: jobsTable,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: partitionOf(job.id) } },
      ConsistentRead: true,
    }),
  );
  const keys = [
    ...Items.map(({ pk, sk }) => ({ pk: pk!, sk: sk! })),
    ...job.limits.map((limit) => ledgerKey(ledgerOwner(job), limit)),
    listKey(job.id, job.createdAt),
    activeKey(job.work.table, job.id),
  ];
  for (const Key of keys) await dynamodb.send(new DeleteItemCommand({ TableName: jobsTable, Key }));
}
