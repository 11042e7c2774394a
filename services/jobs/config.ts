/**
 * The options of the jobs service, each with meaning, unit, default and bounds. In Pulumi config, the key is `jobs` and
 * the option's name: `pulumi config set jobsExpirationDays 90`.
 */
import { type ConfigReader, namesIn } from "../../shared/infra/config";
import { boolean, email, type Fields, integer, type Problem, text, type Values } from "../../shared/infra/fields";
import { emailWithoutAlarms, logFields } from "../../shared/infra/serviceFields";

/**
 * The least number of days, so that a job of a week or two can still be found after it has ended. The start refuses
 * longer jobs: see plan.ts.
 */
const LEAST_EXPIRATION_DAYS = 30;

export const jobsFields = {
  expirationDays: integer("Days for which a job's records are kept after its start, 30 or more; 0 keeps them", {
    default: 0,
    minimum: 0,
    maximum: 3_650,
  }),
  resultsExpirationDays: integer("Days after which exports and other results are deleted; 0 keeps them", {
    default: 0,
    minimum: 0,
    maximum: 36_500,
  }),
  sourceBuckets: text(
    "Names of buckets with exports and lists of keys, besides the results bucket, separated by commas",
    {
      default: "",
      pattern: /^([a-z0-9.-]{3,63}(,[a-z0-9.-]{3,63})*)?$/,
      rule: "bucket names separated by commas, without blanks",
    },
  ),
  pointInTimeRecovery: boolean("Whether the jobs table can be restored to any second of the last 35 days", false),
  deletionProtection: boolean("Whether pulumi destroy spares jobs, results, queues and logs of bulk work", true),
  ...logFields,
  alarms: boolean("Whether CloudWatch alarms watch dead letters, errors and throttles of the start function", true),
  alarmEmail: email("Who gets an e-mail for each alarm of the start function; empty: nobody"),
  completionEmail: email("Who gets an e-mail when a job ends; empty: nobody"),
} satisfies Fields;

export type JobsSettings = Values<typeof jobsFields>;

/** Reads `jobs…` from the stack's config; problems stay in the reader. */
export function readJobsSettings(reader: ConfigReader): JobsSettings {
  return reader.read(jobsFields, "jobs", jobsProblems);
}

/** Contradictions between values that are each valid. */
export function jobsProblems(settings: JobsSettings): Problem[] {
  const { expirationDays } = settings;
  const rule = `must be 0 or at least ${LEAST_EXPIRATION_DAYS}, as a job may take weeks`;
  const soon = { code: "EXPIRES_TOO_SOON", option: "expirationDays", rule, value: expirationDays };
  return [
    ...(expirationDays > 0 && expirationDays < LEAST_EXPIRATION_DAYS ? [soon] : []),
    ...emailWithoutAlarms(settings),
  ];
}

/** The names in the option `sourceBuckets`. */
export function bucketNames({ sourceBuckets }: Pick<JobsSettings, "sourceBuckets">): string[] {
  return namesIn(sourceBuckets);
}
