import type { AdministrativeRoutes } from "../gateway/administration";
import type { GlueJobs } from "./glueJobs";

/** `GET /_sluice/glue` lists the runs, the newest first, with the processes of their executors. */
export function glueRoutes(jobs: GlueJobs): AdministrativeRoutes {
  return {
    "GET /_sluice/glue": async () => ({
      runs: await Promise.all(
        jobs.runs().map(async (run) => ({
          job: run.given.job.name,
          id: run.id,
          state: run.state,
          /** Process ids, for example to kill one. */
          executors: await run.executors(),
        })),
      ),
    }),
  };
}
