/**
 * The jobs that are under way on a table already: those that share a limit with a new job, and those that compete with
 * it.
 */
import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { sameLimits } from "../../shared/capacity/metering/limits";
import { finalStates, type Job, type JobHead, type JobLimit, tablesOf } from "../../shared/jobs/job";
import { activeKey } from "../../shared/jobs/storage/jobsTable";
import { readActiveIds, readHeads } from "../../shared/jobs/storage/reading";

/**
 * The jobs on the job's tables that have not ended, oldest id first, without the job itself. It removes the entries of jobs
 * that have ended.
 */
export async function otherJobs(
  options: { readonly dynamodb: DynamoDBClient; readonly jobsTable: string },
  job: Pick<Job, "id" | "work">,
): Promise<JobHead[]> {
  const found = new Map<string, JobHead>();
  for (const table of tablesOf(job)) {
    for (const head of await jobsOn(table, job.id, options)) found.set(head.id, head);
  }
  return [...found.values()];
}

async function jobsOn(
  table: string,
  id: string,
  { dynamodb, jobsTable }: Parameters<typeof otherJobs>[0],
): Promise<JobHead[]> {
  const ids = (await readActiveIds(dynamodb, jobsTable, table)).filter((each) => each !== id);
  const heads = await readHeads(dynamodb, jobsTable, ids);
  const active = heads.filter(({ state }) => !finalStates.includes(state));
  const ended = ids.filter((each) => !active.some((head) => head.id === each));
  await Promise.all(
    ended.map((each) => dynamodb.send(new DeleteItemCommand({ TableName: jobsTable, Key: activeKey(table, each) }))),
  );
  return active;
}

/** Reasons why the job can't join its limit group, a sentence each: the group has one rate. Pure. */
export function groupProblems(job: Job, others: readonly JobHead[]): string[] {
  const members = others.filter(({ limitGroup }) => job.limitGroup !== undefined && limitGroup === job.limitGroup);
  return job.limits.flatMap((own) => {
    // Not every member uses every capacity; those that use the same one share its limit.
    const theirsOf = (each: JobHead) => each.limits.find((limit) => isSameCapacity(own, limit))?.limits;
    const member = members.find((each) => theirsOf(each) !== undefined);
    const theirs = member && theirsOf(member);
    if (theirs === undefined || sameLimits(theirs, own.limits)) return [];
    return [
      `${own.direction}Rate must be the rate of limit group "${job.limitGroup}", ${theirs.table} per second, ` +
        `got ${own.limits.table}. \`jobs rate ${member!.id}\` changes it for the whole group.`,
    ];
  });
}

/** Jobs that use the same capacity of a table under a limit of their own, a sentence each. Pure. */
export function competitionWarnings(job: Job, others: readonly JobHead[]): string[] {
  const competing = others.filter(({ limitGroup }) => job.limitGroup === undefined || limitGroup !== job.limitGroup);
  return competing.flatMap((other) => {
    const shared = other.limits.filter((limit) => job.limits.some((own) => isSameCapacity(own, limit)));
    const [first] = shared;
    if (first === undefined) return [];
    const rates = shared.map(({ direction, limits }) => `${limits.table} ${direction === "read" ? "RCU/s" : "WCU/s"}`);
    return [
      `Job ${other.id} (${other.work.operation}, ${other.state}) works on table ${first.table} too, at ${rates.join(" and ")} ` +
        "of its own: nothing limits the sum of both. To share one limit, start both with the same --limit-group.",
    ];
  });
}

function isSameCapacity(a: JobLimit, b: JobLimit): boolean {
  return a.direction === b.direction && a.table === b.table;
}
