/**
 * The arguments of a run, which name its job. Arguments that are the same for all runs are defaults of the Glue job. Pure.
 */

export interface RunOf {
  readonly job: string;
  /** Name of the jobs table, and its region. */
  readonly jobsTable: string;
  readonly region: string;
}

/** Glue passes them to the script as they are. */
export function runArguments({ job, jobsTable, region }: RunOf): Record<string, string> {
  return { "--job_id": job, "--jobs_table": jobsTable, "--region": region };
}

/**
 * Id of the job that a run works on. Undefined: the run doesn't work on a job of this jobs table, because somebody else
 * started it.
 */
export function jobOfRun(given: Readonly<Record<string, string>> | undefined, jobsTable: string): string | undefined {
  return given?.["--jobs_table"] === jobsTable ? given["--job_id"] : undefined;
}
