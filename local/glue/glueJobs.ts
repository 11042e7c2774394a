import { join } from "node:path";
import { SluiceError } from "../../shared/errors";
import { ApiError } from "../gateway/apiError";
import { RoleCaller, type RoleCallerOptions } from "../gateway/roleCaller";
import type { GlueJob, RunOptions } from "./glueJob";
import type { GlueEnvironment } from "./python/environment";
import { checkArguments, mergedArguments } from "./runs/arguments";
import { JobRun, type JobRunOptions } from "./runs/jobRun";

export interface GlueJobsOptions
  extends Omit<RoleCallerOptions, "roleArn" | "name">,
    Pick<JobRunOptions, "clock" | "random" | "logs" | "permissions" | "principals" | "region"> {
  /** Finds the Python environment. Rejects with one sentence if it is missing. */
  environment: () => Promise<GlueEnvironment>;
  /** Each run gets a folder below it. */
  folder: string;
  /** Called when a run has ended. */
  onEnd: (run: JobRun) => void;
}

/** Glue: the jobs of the program and their runs. */
export class GlueJobs {
  readonly #options: GlueJobsOptions;
  readonly #jobs = new Map<string, GlueJob>();
  /** The oldest first. */
  readonly #runs: JobRun[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: GlueJobsOptions) {
    this.#options = options;
  }

  deploy(job: GlueJob): void {
    this.#jobs.set(job.name, job);
  }

  find(name: string): GlueJob | undefined {
    return this.#jobs.get(name);
  }

  /** The runs of a job, or all runs; the newest first. */
  runs(job?: string): JobRun[] {
    return this.#runs.filter((run) => job === undefined || run.given.job.name === job).toReversed();
  }

  /**
   * Starts a run, as the API reference of StartJobRun says.
   * @throws ApiError ConcurrentRunsExceededException; InvalidInputException if this machine can't run it;
   * InternalServiceException if the local cloud stops.
   */
  async start(job: GlueJob, options: RunOptions): Promise<JobRun> {
    const environment = await this.#ready(job, options);
    if (this.#stopped) throw new ApiError("InternalServiceException", "The local cloud stops.");
    const underWay = this.runs(job.name).filter((run) => run.isUnderWay).length;
    if (underWay >= job.maxConcurrentRuns) {
      throw new ApiError("ConcurrentRunsExceededException", `Concurrent runs exceeded for ${job.name}`);
    }
    const { region, principals, permissions, folder, endpoint, clock, random, logs } = this.#options;
    const run = new JobRun({
      ...{ job, options, environment, region, principals, permissions, clock, random, logs },
      folder: join(folder, "glue", String(this.#runs.length)),
      endpoint: endpoint(),
      caller: new RoleCaller({ ...this.#options, roleArn: job.roleArn, name: job.name }),
      onEnd: this.#options.onEnd,
    });
    this.#runs.push(run);
    const running = run.run().finally(() => this.#running.delete(running));
    this.#running.add(running);
    return run;
  }

  /** Ends every run and all their processes. No run begins from now on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const run of this.#runs) run.stop();
    await Promise.all(this.#running);
  }

  async #ready(job: GlueJob, options: RunOptions) {
    try {
      checkArguments(job.name, mergedArguments(job, options.arguments));
      return await this.#options.environment();
    } catch (error) {
      if (error instanceof SluiceError) throw new ApiError("InvalidInputException", error.message);
      throw error;
    }
  }
}
