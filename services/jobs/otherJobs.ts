/** The jobs that are under way on a table already: who shares a limit with a new one, and who competes with it. */
import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { sameLimits } from "../../shared/capacity/metering/limits";
import { finalStates, type Job, type JobHead } from "../../shared/jobs/job";
import { limitOf, rateOf } from "../../shared/jobs/limits";
import { activeKey } from "../../shared/jobs/storage/jobsTable";
import { readActiveIds, readHeads } from "../../shared/jobs/storage/reading";

/**
 * The jobs on a table that have not ended, oldest id first, without the job itself. It removes the entries of
 * jobs that have ended.
 */
export async function otherJobs(
  { dynamodb, jobsTable }: { readonly dynamodb: DynamoDBClient; readonly jobsTable: string },
  { id, work: { table } }: Pick<Job, "id" | "work">,
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
  return job.limits.flatMap(({ direction, limits }) => {
    // Not each member uses each direction; those that do have one limit.
    const member = members.find((each) => limitOf(each, direction) !== undefined);
    const theirs = member && limitOf(member, direction)!.limits;
    if (theirs === undefined || sameLimits(theirs, limits)) return [];
    return [
      `${direction}Rate must be the rate of limit group "${job.limitGroup}", ${theirs.table} per second, ` +
        `got ${limits.table}. \`jobs rate ${member!.id}\` changes it for the whole group.`,
    ];
  });
}

/** Jobs that work on the table under a limit of their own, a sentence each. Pure. */
export function competitionWarnings(job: Job, others: readonly JobHead[]): string[] {
  const competing = others.filter(({ limitGroup }) => job.limitGroup === undefined || limitGroup !== job.limitGroup);
  return competing.map((other) => {
    const rate = rateOf(other, "read");
    return (
      `Job ${other.id} (${other.work.operation}, ${other.state}) works on table ${job.work.table} too, at ${rate} RCU/s ` +
      "of its own: nothing limits the sum of both. To share one limit, start both with the same --limit-group."
    );
  });
}
