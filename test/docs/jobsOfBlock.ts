import { DeleteItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Operator } from "../../cli/operator";
import { invokeStart, isRefusal } from "../../cli/startFunction";
import { finalStates, type Job } from "../../shared/jobs/job";
import { ledgerOwner, limitOf } from "../../shared/jobs/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { activeKey, ledgerKey, listKey, partitionOf } from "../../shared/jobs/storage/jobsTable";
import { readJob } from "../../shared/jobs/storage/reading";
import { type CodeBlock, commandLines } from "./codeBlocks";

/** Read capacity units per second at which the table lasts for many minutes. */
const SLOW = 1;
const FAST = 1_000;

/** Commands that make sense only while a job has not ended. */
const CHANGES = new Set(["rate", "pause", "resume", "cancel"]);

/** Commands that make sense only for a job that has changed a table. */
const CHANGED = new Set(["failures", "redrive", "undo"]);

/** What the commands of a block need of a job. */
export interface Needs {
  /** The job must not have ended. */
  readonly unfinished: boolean;
  /** The job must have changed a table. */
  readonly changed: boolean;
}

/** Tables for the jobs that are made for a block. */
export interface TablesForJobs {
  /** A table that keeps a slow job busy for many minutes. */
  readonly large: string;
  /** A table that a job changes within seconds. */
  readonly small: string;
}

/** The jobs that a block's commands name and don't start themselves, and what these commands need of each. */
export function jobsOf(block: CodeBlock): Map<string, Needs> {
  const jobs = new Map<string, Needs>();
  const started = new Set(Array.from(block.text.matchAll(/--job-id ([\w-]+)/g), ([, id]) => id));
  for (const line of commandLines(block)) {
    for (const [, verb = "", id = ""] of line.matchAll(/\bjobs (\w+) ([\w-]+)/g)) {
      if (id.startsWith("-") || started.has(id)) continue;
      const { unfinished, changed } = jobs.get(id) ?? { unfinished: false, changed: false };
      jobs.set(id, { unfinished: unfinished || CHANGES.has(verb), changed: changed || CHANGED.has(verb) });
    }
  }
  return jobs;
}

/** Brings the jobs that a block names into a state in which its commands make sense. */
export async function prepareJobs(block: CodeBlock, operator: Operator, tables: TablesForJobs): Promise<void> {
  for (const [id, { unfinished, changed }] of jobsOf(block)) {
    const job = await readJob(operator.dynamodb, operator.jobsTable, id);
    if (job !== undefined && !unfinished) continue;
    if (job !== undefined && !finalStates.includes(job.state)) {
      await operator.control.changeRate(id, limitOf(job, "read")!, { table: SLOW });
      continue;
    }
    if (job !== undefined) await forget(operator, job);
    if (changed) await start(operator, { ...update, table: tables.small, jobId: id });
    else
      await start(operator, { operation: "count", table: tables.large, readRate: unfinished ? SLOW : FAST, jobId: id });
    if (changed) await ended(operator, id);
  }
}

/** A job that can be undone. */
const update = {
  operation: "update",
  writeRate: FAST,
  update: { set: { prepared: { BOOL: true } } },
  keepBefore: true,
} as const;

async function start({ lambda, startFunction }: Operator, request: StartRequest): Promise<void> {
  const answer = await invokeStart(lambda, startFunction, request);
  if (isRefusal(answer)) throw new Error(answer.problems.join(" "));
}

async function ended({ dynamodb, jobsTable }: Operator, id: string): Promise<void> {
  for (let job: Job | undefined; job === undefined || !finalStates.includes(job.state); ) {
    await new Promise((wake) => setTimeout(wake, 200));
    job = await readJob(dynamodb, jobsTable, id);
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
