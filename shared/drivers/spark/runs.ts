/** The spark driver: the tasks of a Glue run claim a job's units until none is left. Each epoch has one run. */
import {
  ConcurrentRunsExceededException,
  GetJobRunsCommand,
  type GlueClient,
  type JobRun,
  ResourceNumberLimitExceededException,
  StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { SluiceError } from "../../errors";
import { epochBegunAt, type JobHead } from "../../jobs/job";
import type { EpochDriver, EpochTask } from "../driver";
import { jobOfRun, runArguments } from "./runArguments";

export interface RunsOptions {
  readonly glue: Pick<GlueClient, "send">;
  /** Name of the Glue job. */
  readonly glueJob: string;
  /** Name of the jobs table, and its region. */
  readonly jobsTable: string;
  readonly region: string;
  /** Repeats a call for as long as it fails for a transient reason and time remains. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/** The largest page; the newest runs come first. A run whose answer was lost is only a minute or two old. */
const MOST_RUNS = 200;

const UNDER_WAY: readonly unknown[] = ["STARTING", "RUNNING", "WAITING"];

export class SparkRuns implements EpochDriver {
  constructor(private readonly options: RunsOptions) {}

  /**
   * StartJobRun has no idempotency token. So this looks for a run that an earlier attempt began but could not record. A
   * surplus run does no harm: its tasks find units that others hold.
   */
  begin({ job }: EpochTask, head: Pick<JobHead, "createdAt" | "resumedAt">): Promise<string> {
    const since = epochBegunAt(head);
    return this.options.retry(async () => (await this.begun(job, since)) ?? (await this.start(job)));
  }

  /** A run of this job that is under way and was begun since then, so that it belongs to no earlier epoch. */
  private async begun(job: string, since: number): Promise<string | undefined> {
    const { glue, glueJob, jobsTable } = this.options;
    const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: glueJob, MaxResults: MOST_RUNS }));
    const isOfEpoch = ({ JobRunState, Arguments, StartedOn }: JobRun) =>
      UNDER_WAY.includes(JobRunState) && jobOfRun(Arguments, jobsTable) === job && (StartedOn?.getTime() ?? 0) >= since;
    return JobRuns.find(isOfEpoch)?.Id;
  }

  private async start(job: string): Promise<string> {
    const { glue, glueJob } = this.options;
    const start = new StartJobRunCommand({ JobName: glueJob, Arguments: runArguments({ ...this.options, job }) });
    try {
      return (await glue.send(start)).JobRunId!;
    } catch (error) {
      throw isFull(error) ? noRoom(glueJob, error) : error;
    }
  }
}

/** The Glue job allows no more concurrent runs, or the account no more workers. */
function isFull(error: unknown): error is Error {
  return error instanceof ConcurrentRunsExceededException || error instanceof ResourceNumberLimitExceededException;
}

function noRoom(glueJob: string, cause: Error): SluiceError {
  const message = `Glue job ${glueJob} can't begin another run now (${cause.name}).`;
  return new SluiceError("NO_ROOM", message, { value: glueJob, retryable: true, cause });
}
