import { SluiceError } from "../../../shared/errors";
import type { GlueJob } from "../glueJob";

type Arguments = Readonly<Record<string, string>>;

/**
 * Arguments with an effect on Glue that the local cloud can't have. Of the others `--conf`, `--extra-py-files` and
 * `--custom-logGroup-prefix` have their effect, those for metrics and insights have none; all go to the script.
 * https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
 */
const REFUSED: readonly string[] = [
  ...["--additional-python-modules", "--python-modules-installer-option", "--scriptLocation", "--class"],
  ...["--extra-jars", "--extra-files", "--user-jars-first", "--enable-auto-scaling", "--enable-glue-datacatalog"],
  ...["--datalake-formats", "--customer-driver-env-vars", "--customer-executor-env-vars", "--custom-logStream-prefix"],
  ...["--enable-spark-ui", "--spark-event-logs-path", "--enable-s3-parquet-optimized-committer"],
];

/** The arguments of a run: its own arguments replace the job's defaults, except those that can't be overridden. */
export function mergedArguments(
  { defaultArguments, nonOverridableArguments }: Pick<GlueJob, "defaultArguments" | "nonOverridableArguments">,
  given: Arguments,
): Arguments {
  return { ...defaultArguments, ...given, ...nonOverridableArguments };
}

/** @throws SluiceError INPUT_NOT_HONOURED that names every argument of Glue's that would be ignored silently. */
export function checkArguments(job: string, given: Arguments): void {
  const lost = Object.keys(given).filter((name) => REFUSED.includes(name));
  const bookmark = given["--job-bookmark-option"] ?? "job-bookmark-disable";
  if (bookmark !== "job-bookmark-disable") lost.push(`--job-bookmark-option ${bookmark}`);
  if (lost.length === 0) return;
  const message = `${job}: the local cloud does not honour ${lost.join(", ")} of a Glue job.`;
  throw new SluiceError("INPUT_NOT_HONOURED", message, { value: lost });
}

/** The script's arguments, as names and values in turn; those that Glue adds come last. */
export function scriptArguments(given: Arguments, job: string, runId: string): string[] {
  const own = { "--JOB_NAME": job, "--JOB_RUN_ID": runId };
  const shown = Object.entries(given).filter(([name]) => name !== "--conf");
  return [...shown, ...Object.entries(own)].flat();
}

/** Spark's properties in `--conf`, of which several stand in one value: `a=1 --conf b=2`. */
export function sparkProperties({ "--conf": conf = "" }: Arguments): string[] {
  return conf.split(/\s*--conf\s+/).filter((property) => property !== "");
}

/** Places of the files that go on the Python path. */
export function pythonFiles({ "--extra-py-files": files = "" }: Arguments): string[] {
  return files.split(",").filter((file) => file !== "");
}

/**
 * The log groups of a run: what the script prints, and what Spark itself logs.
 * https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
 */
export function logGroups({ "--custom-logGroup-prefix": prefix = "/aws-glue/jobs" }: Arguments) {
  return { output: `${prefix}/output`, error: `${prefix}/error` };
}
