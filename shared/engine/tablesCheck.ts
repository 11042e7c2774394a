import type { Job } from "../jobs/job";
import type { Ending } from "./completion";

/**
 * Why the tables are not those that the job began with. Once the tables were the same, they aren't described again, so one check serves
 * several units.
 */
export type TablesCheck = (job: Job) => Promise<string | undefined>;

export function tablesCheck({ tablesProblem }: Pick<Ending, "tablesProblem">): TablesCheck {
  let areSame = false;
  return async (job) => {
    const problem = areSame ? undefined : await tablesProblem(job);
    areSame = problem === undefined;
    return problem;
  };
}
