/** The ends of runs that a sweep finds. */
import type { GetJobRunsCommand, JobRun } from "@aws-sdk/client-glue";
import { type LostEndsParts, lostEnds } from "../../../services/glue/lostEnds";
import type { Job } from "../../../shared/jobs/job";
import { sampleJob } from "../../support/sampleJob";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RUN = "jr_1";

/** A run of a job that ended an hour ago. */
const ended = (more: Partial<JobRun> = {}): JobRun => ({
  Id: RUN,
  JobRunState: "FAILED",
  Arguments: { "--job_id": "job", "--jobs_table": "jobs" },
  StartedOn: new Date(NOW - 2 * HOUR),
  CompletedOn: new Date(NOW - HOUR),
  ErrorMessage: "no memory",
  ...more,
});
/** The job that the run works on. */
const job = (more: Partial<Job> = {}) =>
  sampleJob({ id: "job", driver: "spark", state: "running", execution: RUN, createdAt: NOW - 3 * HOUR, ...more });

/** Sweeps over runs in pages, the newest first. */
async function sweep(pages: JobRun[][], jobs: Job[] = [job()]) {
  const asked: (string | undefined)[] = [];
  const parts: LostEndsParts = {
    glue: {
      send: async ({ input }: GetJobRunsCommand) => {
        asked.push(input.NextToken);
        const at = Number(input.NextToken ?? 0);
        return { JobRuns: pages[at], ...(at + 1 < pages.length ? { NextToken: String(at + 1) } : {}) };
      },
    } as never,
    jobsTable: "jobs",
    jobs: { head: async (id) => jobs.find((each) => each.id === id) },
    clock: { now: () => NOW },
    retry: (call) => call(),
  };
  return { found: await lostEnds("sluice-dev-glue", parts), asked };
}

const found = { glueJob: "sluice-dev-glue", run: RUN, state: "FAILED", message: "no memory" };

describe("a sweep finds", () => {
  test.each<[string, Partial<JobRun>, Partial<Job>]>([
    ["whose job still runs", {}, {}],
    ["whose job has not recorded it yet", {}, { state: "starting", execution: undefined as never }],
    ["whose job failed, which nobody published", {}, { state: "failed" }],
    ["that ended just now", { CompletedOn: new Date(NOW) }, {}],
  ])("a run %s", async (_, run, head) => {
    expect((await sweep([[ended(run)]], [job(head)])).found).toEqual([found]);
  });

  test("runs in each state that ends a run", async () => {
    const states = ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"] as const;
    for (const state of states) {
      const { ErrorMessage: _, ...run } = ended({ JobRunState: state });
      expect((await sweep([[run]])).found).toEqual([{ ...found, state, message: "" }]);
    }
  });

  test("runs on all pages, up to runs that must have ended long ago", async () => {
    const other = ended({ Id: "jr_2", Arguments: { "--job_id": "other", "--jobs_table": "jobs" } });
    const old = ended({ StartedOn: new Date(NOW - 9 * DAY) });
    const jobs = [job(), job({ id: "other", execution: "jr_2" })];
    const { found: ends, asked } = await sweep([[other], [ended()], [old], [ended({ Id: "never" })]], jobs);
    expect(ends.map(({ run }) => run)).toEqual(["jr_2", RUN]);
    expect(asked).toEqual([undefined, "1", "2"]);
  });
});

describe("a sweep passes over", () => {
  test.each<[string, Partial<JobRun>, Partial<Job>]>([
    ["that goes on", { JobRunState: "RUNNING" }, {}],
    ["that ended more than a day ago", { CompletedOn: new Date(NOW - DAY - 1) }, {}],
    ["of another jobs table", { Arguments: { "--job_id": "job", "--jobs_table": "other" } }, {}],
    ["that somebody started by hand", { Arguments: {} }, {}],
    ["of a job that is gone", { Arguments: { "--job_id": "gone", "--jobs_table": "jobs" } }, {}],
    ["of an earlier epoch", {}, { execution: "jr_2" }],
    ["of an earlier epoch, of a job that is starting again", {}, { state: "starting", resumedAt: NOW }],
    ["of a job that is paused", {}, { state: "paused" }],
    ["of a job that has ended", {}, { state: "completed" }],
    ["of a job whose failure is published", {}, { state: "failed", announced: true }],
  ])("a run %s", async (_, run, head) => {
    expect((await sweep([[ended(run)]], [job(head)])).found).toEqual([]);
  });

  test("nothing if there are no runs", async () => {
    expect(await sweep([[]])).toEqual({ found: [], asked: [undefined] });
  });
});
