/** The options of the ingest service. In Pulumi config each is `ingest` + its name: `pulumi config set ingestMinSeconds 5`. */
import type { ConfigReader } from "../../shared/infra/config";
import type {
  BooleanField,
  ChoiceField,
  Fields,
  IntegerField,
  Problem,
  TextField,
  Values,
} from "../../shared/infra/fields";
import { longestLifeSeconds, maxReceiveCount, visibilityTimeoutSeconds } from "./sizing";

const SECONDS_PER_DAY = 86_400;
/** The retention periods that CloudWatch Logs knows, in days. 0 keeps logs for ever. */
const LOG_RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

export const ingestFields = {
  minSeconds: integer(
    3,
    0,
    86_400,
    "Fastest answering time that is believed, in seconds; quicker submissions go to quarantine",
  ),
  requireFreetext: boolean(true, "Whether a submission with empty free text goes to quarantine"),
  answerMin: integer(1, -1_000_000, 1_000_000, "Lowest answer allowed"),
  answerMax: integer(5, -1_000_000, 1_000_000, "Highest answer allowed"),
  batchSize: integer(
    10,
    1,
    10_000,
    "Most submissions handed to the store function at once; above 10 needs a batch window",
  ),
  batchWindowSeconds: integer(0, 0, 300, "Longest wait for a batch to fill, in seconds"),
  recordConcurrency: integer(10, 1, 100, "Submissions of one batch that are worked on at once"),
  maximumConcurrency: integer(
    0,
    0,
    1_000,
    "Most store functions at once, 2 or more; 0 computes it from the table's write capacity",
  ),
  timeoutSeconds: integer(30, 5, 900, "Longest run of the store function, in seconds"),
  memoryMegabytes: integer(512, 128, 10_240, "Memory of the store function, in MB; CPU grows with it"),
  surviveOutageMinutes: integer(
    240,
    1,
    4_320,
    "Longest outage of DynamoDB or S3 that makes no dead letter, in minutes",
  ),
  queueRetentionDays: integer(
    4,
    1,
    13,
    "How long an unprocessed submission stays in the queue, in days; dead letters stay 14",
  ),
  billing: choice("on-demand", ["on-demand", "provisioned"], "How the tables are paid for"),
  readCapacity: integer(
    0,
    0,
    40_000,
    "Read capacity of each table in RCU/s; 1 or more with provisioned billing, else 0",
  ),
  writeCapacity: integer(
    0,
    0,
    40_000,
    "Write capacity of each table in WCU/s; 1 or more with provisioned billing, else 0",
  ),
  pointInTimeRecovery: boolean(true, "Whether the tables can be restored to any second of the last 35 days"),
  deletionProtection: boolean(true, "Whether tables and buckets withstand pulumi destroy"),
  rawExpirationDays: integer(0, 0, 36_500, "Days after which raw submissions are deleted; 0 keeps them"),
  quarantineExpirationDays: integer(0, 0, 36_500, "Days after which quarantined submissions are deleted; 0 keeps them"),
  noncurrentVersionDays: integer(30, 1, 36_500, "Days for which an overwritten or deleted object can be brought back"),
  logRetentionDays: {
    ...integer(30, 0, 3653, "Days for which logs are kept; 0 keeps them for ever"),
    oneOf: LOG_RETENTION_DAYS,
  },
  logLevel: choice("INFO", ["DEBUG", "INFO", "WARN", "ERROR"], "Least severe log lines that are written"),
  alarms: boolean(true, "Whether CloudWatch alarms watch dead letters, the queue's age, errors and throttles"),
  alarmEmail: text(
    "",
    /^([^\s@]+@[^\s@]+\.[^\s@]+)?$/,
    "an e-mail address or empty",
    "Who is told of alarms; empty tells nobody",
  ),
  alarmOldestMinutes: integer(60, 1, 20_160, "Age of the oldest waiting submission that raises an alarm, in minutes"),
} satisfies Fields;

export type IngestSettings = Values<typeof ingestFields>;

/** Values that are sound one by one and cannot hold together. */
export function contradictions(settings: IngestSettings): Problem[] {
  const found: Problem[] = [];
  const refuse = (code: string, option: keyof IngestSettings, rule: string) =>
    found.push({ code, option, rule, value: settings[option] });

  if (settings.answerMin > settings.answerMax) {
    refuse("EMPTY_ANSWER_RANGE", "answerMin", `must not be above the highest answer (${settings.answerMax})`);
  }
  if (settings.batchSize > 10 && settings.batchWindowSeconds < 1) {
    refuse("BATCH_NEEDS_WINDOW", "batchSize", "must be 10 or less while the batch window is 0 seconds");
  }
  if (settings.maximumConcurrency === 1) {
    refuse("CONCURRENCY_TOO_LOW", "maximumConcurrency", "must be 0 or from 2 to 1000, as Lambda asks");
  }
  for (const option of ["readCapacity", "writeCapacity"] as const) {
    if (settings.billing === "provisioned" && settings[option] === 0) {
      refuse("CAPACITY_MISSING", option, "must be 1 or more with provisioned billing");
    }
    if (settings.billing === "on-demand" && settings[option] !== 0) {
      refuse("CAPACITY_UNUSED", option, "must be 0 with on-demand billing");
    }
  }
  if (settings.alarmEmail !== "" && !settings.alarms) {
    refuse("EMAIL_WITHOUT_ALARMS", "alarmEmail", "must be empty while alarms are off");
  }
  if (longestLife(settings) > settings.queueRetentionDays * SECONDS_PER_DAY) {
    const days = Math.ceil(longestLife(settings) / SECONDS_PER_DAY);
    refuse(
      "RETENTION_TOO_SHORT",
      "queueRetentionDays",
      `must be ${days} or more, or retries outlive the queue's memory`,
    );
  }
  return found;
}

/** Reads `ingest…` from the stack's config; problems stay in the reader. */
export function readIngestSettings(reader: ConfigReader): IngestSettings {
  return reader.read(ingestFields, "ingest", contradictions);
}

function longestLife({ surviveOutageMinutes, timeoutSeconds, batchWindowSeconds }: IngestSettings): number {
  const visibilityTimeout = visibilityTimeoutSeconds(timeoutSeconds, batchWindowSeconds);
  return longestLifeSeconds(maxReceiveCount(surviveOutageMinutes), timeoutSeconds, visibilityTimeout);
}

function integer(value: number, minimum: number, maximum: number, description: string): IntegerField {
  return { kind: "integer", default: value, minimum, maximum, description };
}

function boolean(value: boolean, description: string): BooleanField {
  return { kind: "boolean", default: value, description };
}

function choice<T extends string>(value: T, oneOf: readonly T[], description: string): ChoiceField<T> {
  return { kind: "choice", default: value, oneOf, description };
}

function text(value: string, pattern: RegExp, rule: string, description: string): TextField {
  return { kind: "text", default: value, pattern, rule, description };
}
