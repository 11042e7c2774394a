import { ApiError } from "../../gateway/apiError";
import type { Call } from "../../gateway/call";
import { awsError } from "../../gateway/errors";
import { type BackendResponse, jsonResponse } from "../../gateway/message";
import type { GlueJob } from "../glueJob";
import type { GlueJobs } from "../glueJobs";
import type { JobRun } from "../runs/jobRun";
import { FIELDS, type Input, pageOf, runIdsIn, runOptionsIn, textIn } from "./input";
import { shownRun } from "./views";

/** Answers Glue calls about runs. Jobs come only from the Pulumi program. */
export class GlueApi {
  readonly #jobs: GlueJobs;
  readonly #answers: Readonly<Record<string, (input: Input) => object | Promise<object>>> = {
    StartJobRun: async (input) => {
      const job = this.#job(input);
      return { JobRunId: (await this.#jobs.start(job, runOptionsIn(input, job))).id };
    },
    GetJobRun: (input) => ({ JobRun: shownRun(this.#run(input)) }),
    GetJobRuns: (input) => {
      const { page, NextToken } = pageOf(this.#jobs.runs(this.#job(input).name), input);
      return { JobRuns: page.map(shownRun), NextToken };
    },
    BatchStopJobRun: (input) => this.#stop(input),
  };

  constructor(jobs: GlueJobs) {
    this.#jobs = jobs;
  }

  async handle({ action, input }: Pick<Call, "action" | "input">): Promise<BackendResponse> {
    const answer = this.#answers[action];
    if (!answer) return notHere(`The local cloud does not answer ${action} of Glue.`);
    const lost = Object.keys(input).filter((field) => input[field] !== null && !FIELDS[action]?.includes(field));
    if (lost.length > 0) return notHere(`The local cloud does not honour ${lost.join(", ")} of ${action}.`);
    try {
      return jsonResponse(200, await answer(input), { "content-type": "application/x-amz-json-1.1" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return awsError("glue", 400, error.code, error.message);
    }
  }

  /** Ended runs can't be stopped; all others are stopped. */
  #stop(input: Input): object {
    const { name: JobName } = this.#job(input);
    const runs = this.#jobs.runs(JobName);
    const answers = runIdsIn(input).map((JobRunId) => {
      const run = runs.find(({ id }) => id === JobRunId);
      const refusal = refusalToStop(run, JobRunId);
      if (refusal === undefined) run?.stop();
      return { JobName, JobRunId, ...(refusal && { ErrorDetail: refusal }) };
    });
    return {
      SuccessfulSubmissions: answers.filter((answer) => !("ErrorDetail" in answer)),
      Errors: answers.filter((answer) => "ErrorDetail" in answer),
    };
  }

  #job(input: Input): GlueJob {
    const name = textIn(input, "JobName");
    const job = this.#jobs.find(name);
    if (!job) throw new ApiError("EntityNotFoundException", `Job with name: ${name} not found.`);
    return job;
  }

  #run(input: Input): JobRun {
    const [job, id] = [this.#job(input), textIn(input, "RunId")];
    const run = this.#jobs.runs(job.name).find((each) => each.id === id);
    if (!run) throw new ApiError("EntityNotFoundException", `Job run with id: ${id} not found for job ${job.name}.`);
    return run;
  }
}

function refusalToStop(run: JobRun | undefined, id: string) {
  if (run === undefined) {
    return { ErrorCode: "JobRunNotFoundException", ErrorMessage: `JobRun ${id} not found.` };
  }
  if (run.isUnderWay) return undefined;
  return { ErrorCode: "JobRunNotInTerminableStateException", ErrorMessage: `JobRun ${id} is ${run.state}.` };
}

function notHere(message: string): BackendResponse {
  return awsError("glue", 501, "NotImplemented", message);
}
