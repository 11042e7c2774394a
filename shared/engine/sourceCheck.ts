import type { Job } from "../jobs/job";
import type { Ending } from "./completion";

/** Why the source is not the one that the job began with. Once it was the same, it isn't read again: one check for several units. */
export type SourceCheck = (job: Job) => Promise<string | undefined>;

export function sourceCheck({ sourceProblem }: Pick<Ending, "sourceProblem">): SourceCheck {
  let isSame = false;
  return async (job) => {
    const problem = isSame ? undefined : await sourceProblem(job);
    isSame = problem === undefined;
    return problem;
  };
}
