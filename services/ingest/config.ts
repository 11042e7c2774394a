/**
 * The options of the ingest service, each with meaning, unit, default and bounds. In Pulumi config, the key is `ingest`
 * and the option's name: `pulumi config set ingestMinSeconds 5`.
 */
import { boolean, choice, email, type Fields, integer, type Values } from "../../shared/infra/fields";
import { logFields } from "../../shared/infra/serviceFields";

export const ingestFields = {
  minSeconds: integer("Shortest plausible answering time, in seconds; quicker submissions go to quarantine", {
    default: 3,
    minimum: 0,
    maximum: 86_400,
  }),
  requireFreetext: boolean("Whether a submission with empty free text goes to quarantine", true),
  answerMin: integer("Lowest answer allowed", { default: 1, minimum: -1_000_000, maximum: 1_000_000 }),
  answerMax: integer("Highest answer allowed", { default: 5, minimum: -1_000_000, maximum: 1_000_000 }),
  minAnswers: integer("Fewest answers (q1, q2, …) a submission must have; fewer go to quarantine", {
    default: 1,
    minimum: 0,
    maximum: 1_000,
  }),

  participantTokens: choice("Whether each submission must come with its participant's token; others go to quarantine", [
    "off",
    "required",
  ]),

  batchSize: integer("Most submissions handed to the store function at once; above 10 needs a batch window", {
    default: 10,
    minimum: 1,
    maximum: 10_000,
  }),
  batchWindowSeconds: integer("Longest wait for a batch to fill, in seconds", { default: 0, minimum: 0, maximum: 300 }),
  recordConcurrency: integer("Submissions of one batch that are worked on at once", {
    default: 10,
    minimum: 1,
    maximum: 100,
  }),
  maximumConcurrency: integer(
    "Most store functions at once, 2 or more; 0 computes it from the tables' write capacity",
    {
      default: 0,
      minimum: 0,
      maximum: 1_000,
    },
  ),
  timeoutSeconds: integer("Longest run of the store function, in seconds", { default: 30, minimum: 5, maximum: 900 }),
  memoryMegabytes: integer("Memory of the store function, in MB; its share of CPU grows with it", {
    default: 512,
    minimum: 128,
    maximum: 10_240,
  }),

  surviveOutageMinutes: integer("Longest outage of DynamoDB or S3 that makes no dead letter, in minutes", {
    default: 240,
    minimum: 1,
    maximum: 4_320,
  }),
  queueRetentionDays: integer("Longest wait of a submission in the queue, in days; dead letters stay for 14", {
    default: 4,
    minimum: 1,
    maximum: 13,
  }),

  billing: choice("Billing mode of the tables", ["on-demand", "provisioned"]),
  readCapacity: integer("Read capacity of each table and index in RCU/s; 1 or more with provisioned billing, else 0", {
    default: 0,
    minimum: 0,
    maximum: 40_000,
  }),
  writeCapacity: integer(
    "Write capacity of each table and index in WCU/s; 1 or more with provisioned billing, else 0",
    {
      default: 0,
      minimum: 0,
      maximum: 40_000,
    },
  ),
  writeCapacityLimit: integer(
    "Most WCU/s of the results table that all store functions together consume; 0 sets no limit",
    {
      default: 0,
      minimum: 0,
      maximum: 40_000,
    },
  ),
  pointInTimeRecovery: boolean("Whether the tables can be restored to any second of the last 35 days", true),
  deletionProtection: boolean("Whether pulumi destroy spares queues, buckets, tables, guests' pool and logs", true),

  rawExpirationDays: integer("Days after which raw submissions are deleted; 0 keeps them", {
    default: 0,
    minimum: 0,
    maximum: 36_500,
  }),
  quarantineExpirationDays: integer("Days after which quarantined submissions are deleted; 0 keeps them", {
    default: 0,
    minimum: 0,
    maximum: 36_500,
  }),
  noncurrentVersionDays: integer("Days for which an overwritten or deleted object can be brought back", {
    default: 30,
    minimum: 1,
    maximum: 36_500,
  }),

  ...logFields,
  alarms: boolean(
    "Whether CloudWatch alarms watch dead letters, the queue's age, quarantine, errors and throttles",
    true,
  ),
  alarmEmail: email("Who gets an e-mail for each alarm; empty: nobody"),
  alarmOldestMinutes: integer("Age of the oldest waiting submission that raises an alarm, in minutes", {
    default: 60,
    minimum: 1,
    maximum: 20_160,
  }),
  // Careless answers are up to an eighth of what online studies get; a broken release of the app spoils nearly all.
  alarmQuarantinePercent: integer(
    "Share of submissions in quarantine within 5 minutes that raises an alarm, in percent; 0: no alarm",
    { default: 20, minimum: 0, maximum: 99 },
  ),
} satisfies Fields;

export type IngestSettings = Values<typeof ingestFields>;
