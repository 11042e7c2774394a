import { DeleteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Operator } from "../../cli/operator";
import { invokeStart, isRefusal } from "../../cli/startFunction";
import { finalStates } from "../../shared/jobs/job";
import { ledgerKey, listKey, partitionOf } from "../../shared/jobs/jobsTable";
import { readJob } from "../../shared/jobs/reading";
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
      await operator.control.changeRate(id, SLOW);
      continue;
    }
    if (job !== undefined) await forget(operator, id, job.createdAt);
    const rate = { rcu: unfinished ? SLOW : FAST };
    const answer = await invokeStart(operator.lambda, operator.startFunction, {
      table,
      operation: "count",
      rate,
      jobId: id,
    });
    if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
  }
}

/** Removes every record of a job that has ended, so that a new one can take its id. */
async function forget({ dynamodb, jobsTable }: Operator, id: string, createdAt: number): Promise<void> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: jobsTable,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: partitionOf(id) } },
      ConsistentRead: true,
    }),
  );
  const keys = [...Items.map(({ pk, sk }) => ({ pk: pk!, sk: sk! })), ledgerKey(id, "read"), listKey(id, createdAt)];
  for (const Key of keys) await dynamodb.send(new DeleteItemCommand({ TableName: jobsTable, Key }));
}
