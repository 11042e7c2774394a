/**
 * Finds runs that ended although their jobs go on. Glue publishes the end of a run on a best-effort basis. If the event
 * is lost, nobody else would notice that the job has no worker left.
 *
 * It reads Glue's list of runs, not the jobs table. So the cost of a sweep depends on how many runs ended lately, not on the number
 * of jobs.
 */
import { GetJobRunsCommand, type JobRun } from "@aws-sdk/client-glue";
import { jobOfRun } from "../../shared/drivers/spark/runArguments";
import type { RunEnd } from "../../shared/drivers/spark/runEnd";
import type { JobStore } from "../../shared/jobs/stores";
import { FINAL, isUnsettled, type SettleParts } from "./settleRun";

/** How long after its end a run is still handled, ms: longer than the function is likely to keep failing. */
const LOOKED_AT_MS = 24 * 3_600_000;
/** Longest that a run takes, ms: https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html */
const LONGEST_RUN_MS = 10_080 * 60_000;
/** Most runs on a page. */
const MOST_RUNS = 200;

export interface LostEndsParts extends Pick<SettleParts, "glue" | "jobsTable" | "clock" | "retry"> {
  readonly jobs: Pick<JobStore, "head">;
}

/** Ends that `settleRun` has yet to see. One whose event is merely late may be among them, and does no harm. */
export async function lostEnds(glueJob: string, parts: LostEndsParts): Promise<RunEnd[]> {
  const found: RunEnd[] = [];
  for await (const run of endedRuns(glueJob, parts)) {
    const id = jobOfRun(run.Arguments, parts.jobsTable);
    const job = id === undefined ? undefined : await parts.jobs.head(id);
    if (job === undefined || !isUnsettled(job, run)) continue;
    found.push({ glueJob, run: run.Id!, state: run.JobRunState!, message: run.ErrorMessage ?? "" });
  }
  return found;
}

/** The newest runs come first. So a page of runs that all ended long ago ends the search. */
async function* endedRuns(JobName: string, { glue, clock, retry }: LostEndsParts): AsyncGenerator<JobRun> {
  const since = clock.now() - LOOKED_AT_MS;
  let NextToken: string | undefined;
  do {
    const input = { JobName, MaxResults: MOST_RUNS, ...(NextToken === undefined ? {} : { NextToken }) };
    const page = await retry(() => glue.send(new GetJobRunsCommand(input)));
    for (const run of page.JobRuns ?? []) {
      if ((run.StartedOn?.getTime() ?? 0) < since - LONGEST_RUN_MS) return;
      if (FINAL.includes(run.JobRunState!) && (run.CompletedOn?.getTime() ?? 0) >= since) yield run;
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}
