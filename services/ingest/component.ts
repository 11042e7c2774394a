import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import { keyedTable } from "../../shared/infra/keyedTable";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import { allow, type Statement, TAKE_FROM_QUEUE } from "../../shared/infra/policy";
import { PrivateBucket } from "../../shared/infra/privateBucket";
import { type ProgramSettings, programFields } from "../../shared/infra/program";
import { protectedIf } from "../../shared/infra/protection";
import { QueueWithDeadLetters } from "../../shared/infra/queueWithDeadLetters";
import { ServiceAlarms } from "../../shared/infra/serviceAlarms";
import { nameProblems } from "../../shared/infra/serviceFields";
import { type IngestSettings, ingestFields } from "./config";
import { contradictions } from "./contradictions";
import { GuestSender } from "./guestSender";
import { LIMITS } from "./limits";
import { quarantineRule } from "./quarantineAlarm";
import { maximumConcurrency, maxReceiveCount, visibilityTimeoutSeconds } from "./sizing";

/** Every field of `ingestFields` (config.ts), and `senderAccess` of `programFields`, with defaults and bounds as there, and: */
export interface SurveyIngestArgs extends Partial<IngestSettings>, Partial<Pick<ProgramSettings, "senderAccess">> {
  /** The AWS account everything belongs to, 12 digits. */
  accountId: pulumi.Input<string>;
  /** The AWS region of everything, as the sender must know it. */
  region: string;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}

/** What the sender needs to know. Nothing in it is secret. */
export interface SenderOutput {
  queueUrl: pulumi.Output<string>;
  region: string;
  /** The rules of the store function, so that an app can check them before it sends. */
  rules: Record<string, number | boolean>;
  /** Not with `iam`. */
  identityPoolId?: pulumi.Output<string>;
  /** Not with `iam`. */
  guestRoleArn?: pulumi.Output<string>;
}

/** What the `intake` commands need to know. Nothing in it is secret. */
export interface IntakeOutput {
  region: string;
  queueUrl: pulumi.Output<string>;
  queueArn: pulumi.Output<string>;
  deadLetterQueueUrl: pulumi.Output<string>;
  deadLetterQueueArn: pulumi.Output<string>;
  rawBucket: pulumi.Output<string>;
  quarantineBucket: pulumi.Output<string>;
  resultsTable: pulumi.Output<string>;
  submissionsTable: pulumi.Output<string>;
  storeFunction: pulumi.Output<string>;
  /** The store function's log group. */
  logGroup: pulumi.Output<string>;
  /** Namespace of the store function's metrics, and the value of their dimension `service`. */
  metrics: { namespace: string; service: string };
  /** ARN of the secret from which participants' tokens are made, never its value. Only if tokens are required. */
  studySecret?: pulumi.Output<string>;
}

type Tags = Record<string, string>;

/** Index of the submissions table. */
const BY_PARTICIPANT = "byParticipant";
const KEEP_OBJECTS = ["s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion"];

/**
 * The path of a submission: queue → store function → raw bucket, submissions table (marker) and results table, or the
 * quarantine bucket. What cannot be stored for longer than an outage may last ends in the dead-letter queue.
 */
export class SurveyIngest extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
  readonly rawBucket: aws.s3.Bucket;
  readonly quarantineBucket: aws.s3.Bucket;
  readonly resultsTable: aws.dynamodb.Table;
  readonly submissionsTable: aws.dynamodb.Table;
  /** Only with a write capacity limit: the ledger that the store functions share. */
  readonly ledgerTable?: aws.dynamodb.Table;
  /** Only with participants' tokens. */
  readonly studySecret?: aws.secretsmanager.Secret;
  readonly store: aws.lambda.Function;
  readonly logGroup: aws.cloudwatch.LogGroup;
  readonly sender: SenderOutput;
  readonly intake: IntakeOutput;

  /**
   * @param name 1 to 35 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_INGEST_ARGS with all problems, before anything is made.
   */
  constructor(name: string, args: SurveyIngestArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    super("sluice:ingest:SurveyIngest", name, {}, options);
    const parent = { parent: this };
    const tags = { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name };

    const queue = new QueueWithDeadLetters(`${name}-queue`, queueArgs(args, settings, tags), parent);
    this.queue = queue.queue;
    this.deadLetters = queue.deadLetters;

    const raw = new PrivateBucket(`${name}-raw`, bucketArgs(args, settings, settings.rawExpirationDays, tags), parent);
    const quarantine = new PrivateBucket(
      `${name}-quarantine`,
      bucketArgs(args, settings, settings.quarantineExpirationDays, tags),
      parent,
    );
    this.rawBucket = raw.bucket;
    this.quarantineBucket = quarantine.bucket;

    this.resultsTable = keyedTable(`${name}-results`, tableArgs("user_id", settings, tags), parent);
    // One marker a submission, kept for good: a duplicate may come days later, so there is no TTL.
    // The index finds one participant's markers without a scan.
    const submissions = {
      ...tableArgs("submission", settings, tags),
      index: { name: BY_PARTICIPANT, hashKey: "user_id", rangeKey: "submission" },
    };
    this.submissionsTable = keyedTable(`${name}-submissions`, submissions, parent);

    if (settings.writeCapacityLimit > 0) {
      // It holds only the present balance, so nothing in it has to be recovered. If it were protected, an update that
      // sets no limit would fail.
      const ledger = { hashKey: "ledger", pointInTimeRecovery: false, deletionProtection: false, tags };
      this.ledgerTable = keyedTable(`${name}-ledger`, ledger, parent);
    }

    if (settings.participantTokens === "required") {
      // Without a value, so that none is in the state: `intake enroll` makes it (docs/decisions/0023).
      this.studySecret = new aws.secretsmanager.Secret(
        `${name}-study-secret`,
        { description: "The secret from which the tokens of the study's participants are computed.", tags },
        protectedIf(settings.deletionProtection, parent),
      );
    }

    const store = new BundledFunction(
      `${name}-store`,
      {
        entry: "services/ingest/handlers/store.ts",
        environment: this.#environment(name, settings),
        permissions: this.#permissions(),
        timeoutSeconds: settings.timeoutSeconds,
        memoryMegabytes: settings.memoryMegabytes,
        logRetentionDays: settings.logRetentionDays,
        deletionProtection: settings.deletionProtection,
        tags,
      },
      parent,
    );
    this.store = store.function;
    this.logGroup = store.logGroup;
    // Nothing may be received before there is a place to put it.
    this.#subscribe(name, settings, tags, [store, raw, quarantine, this.resultsTable, this.submissionsTable]);

    this.sender = { queueUrl: this.queue.url, region: args.region, rules: rulesOf(settings) };
    const { senderAccess } = withDefaults(programFields, args);
    if (senderAccess !== "iam") {
      const { deletionProtection } = settings;
      const open = senderAccess === "cognito-guest";
      const guestArgs = { queueArn: this.queue.arn, open, deletionProtection, tags };
      const guests = new GuestSender(`${name}-guest`, guestArgs, parent);
      this.sender.identityPoolId = guests.identityPoolId;
      this.sender.guestRoleArn = guests.roleArn;
    }
    if (settings.alarms) this.#watch(name, settings, tags);
    this.intake = this.#intake(name, args.region);
    this.registerOutputs({ sender: this.sender, intake: this.intake });
  }

  #intake(name: string, region: string): IntakeOutput {
    return {
      region,
      queueUrl: this.queue.url,
      queueArn: this.queue.arn,
      deadLetterQueueUrl: this.deadLetters.url,
      deadLetterQueueArn: this.deadLetters.arn,
      rawBucket: this.rawBucket.bucket,
      quarantineBucket: this.quarantineBucket.bucket,
      resultsTable: this.resultsTable.name,
      submissionsTable: this.submissionsTable.name,
      storeFunction: this.store.name,
      logGroup: this.logGroup.name,
      metrics: { namespace: metricNamespace(), service: name },
      ...(this.studySecret && { studySecret: this.studySecret.arn }),
    };
  }

  /** What the handler reads; services/ingest/handlers/store.ts is the other end. */
  #environment(name: string, settings: IngestSettings): Record<string, pulumi.Input<string>> {
    return {
      RAW_BUCKET: this.rawBucket.bucket,
      QUARANTINE_BUCKET: this.quarantineBucket.bucket,
      RESULTS_TABLE: this.resultsTable.name,
      SUBMISSIONS_TABLE: this.submissionsTable.name,
      QUEUE_URL: this.queue.url,
      MIN_SECONDS: String(settings.minSeconds),
      REQUIRE_FREETEXT: String(settings.requireFreetext),
      ANSWER_MIN: String(settings.answerMin),
      ANSWER_MAX: String(settings.answerMax),
      MIN_ANSWERS: String(settings.minAnswers),
      RECORD_CONCURRENCY: String(settings.recordConcurrency),
      TIMEOUT_SECONDS: String(settings.timeoutSeconds),
      ...(this.ledgerTable === undefined
        ? {}
        : { WRITE_CAPACITY_LIMIT: String(settings.writeCapacityLimit), LEDGER_TABLE: this.ledgerTable.name }),
      ...(this.studySecret && { STUDY_SECRET: this.studySecret.arn }),
      POWERTOOLS_LOG_LEVEL: settings.logLevel,
      POWERTOOLS_SERVICE_NAME: name,
      POWERTOOLS_METRICS_NAMESPACE: metricNamespace(),
    };
  }

  #permissions(): Statement[] {
    return [
      allow("TakeFromQueue", TAKE_FROM_QUEUE, this.queue.arn),
      // A delivery may have to undo what it wrote, by version. Nothing else is ever deleted.
      allow("KeepRaw", KEEP_OBJECTS, pulumi.interpolate`${this.rawBucket.arn}/*`),
      allow("Quarantine", KEEP_OBJECTS, pulumi.interpolate`${this.quarantineBucket.arn}/*`),
      allow("SeeMissing", ["s3:ListBucket"], [this.rawBucket.arn, this.quarantineBucket.arn]),
      // A transaction needs the actions of its parts.
      allow("MarkSubmission", ["dynamodb:PutItem", "dynamodb:GetItem"], this.submissionsTable.arn),
      allow("UpdateResults", ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem"], this.resultsTable.arn),
      ...(this.ledgerTable === undefined
        ? []
        : [
            allow(
              "ShareCapacity",
              ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
              this.ledgerTable.arn,
            ),
          ]),
      ...(this.studySecret ? [allow("ReadStudySecrets", ["secretsmanager:GetSecretValue"], this.studySecret.arn)] : []),
    ];
  }

  #subscribe(name: string, settings: IngestSettings, tags: Tags, dependsOn: pulumi.Resource[]): void {
    const { batchSize, recordConcurrency } = settings;
    const limits = [provisioned(settings)?.writeCapacity, settings.writeCapacityLimit || undefined];
    const known = limits.filter((limit) => limit !== undefined);
    const writeCapacity = known.length > 0 ? Math.min(...known) : undefined;
    const computed = maximumConcurrency({ writeCapacity, batchSize, recordConcurrency });
    new aws.lambda.EventSourceMapping(
      `${name}-store-source`,
      {
        eventSourceArn: this.queue.arn,
        functionName: this.store.arn,
        batchSize,
        maximumBatchingWindowInSeconds: settings.batchWindowSeconds,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: {
          maximumConcurrency: settings.maximumConcurrency === 0 ? computed : settings.maximumConcurrency,
        },
        tags,
      },
      { parent: this, dependsOn },
    );
  }

  #watch(name: string, settings: IngestSettings, tags: Tags): void {
    new ServiceAlarms(
      `${name}-alarm`,
      {
        queueName: this.queue.name,
        deadLetterQueueName: this.deadLetters.name,
        functionName: this.store.name,
        wording: {
          deadLetters: "Submissions that could not be stored wait in the dead-letter queue.",
          function: "store function",
        },
        runbook: "ingest-alarm",
        oldest: { what: "submission", minutes: settings.alarmOldestMinutes },
        more: settings.alarmQuarantinePercent > 0 ? [quarantineRule(name, settings.alarmQuarantinePercent)] : [],
        notify: settings.alarmEmail,
        tags,
      },
      { parent: this },
    );
  }
}

function rulesOf(settings: IngestSettings) {
  const { answerMin, answerMax, minAnswers, minSeconds, requireFreetext } = settings;
  const participantTokens = settings.participantTokens === "required";
  return { answerMin, answerMax, minAnswers, minSeconds, requireFreetext, participantTokens, ...LIMITS };
}

function queueArgs({ accountId }: SurveyIngestArgs, settings: IngestSettings, tags: Tags) {
  return {
    accountId,
    visibilityTimeoutSeconds: visibilityTimeoutSeconds(settings.timeoutSeconds, settings.batchWindowSeconds),
    maxReceiveCount: maxReceiveCount(settings.surviveOutageMinutes),
    retentionDays: settings.queueRetentionDays,
    deletionProtection: settings.deletionProtection,
    tags,
  };
}

function bucketArgs({ accountId }: SurveyIngestArgs, settings: IngestSettings, expirationDays: number, tags: Tags) {
  const { noncurrentVersionDays, deletionProtection } = settings;
  return { accountId, expirationDays, noncurrentVersionDays, deletionProtection, tags };
}

function tableArgs(hashKey: string, settings: IngestSettings, tags: Tags) {
  const { pointInTimeRecovery, deletionProtection } = settings;
  return { hashKey, provisioned: provisioned(settings), pointInTimeRecovery, deletionProtection, tags };
}

function provisioned({ billing, readCapacity, writeCapacity }: IngestSettings) {
  return billing === "provisioned" ? { readCapacity, writeCapacity } : undefined;
}

function checkedSettings(name: string, args: SurveyIngestArgs): IngestSettings {
  const settings = withDefaults(ingestFields, args);
  const problems: Problem[] = [
    ...checkFields(programFields, withDefaults(programFields, args)),
    ...checkFields(ingestFields, settings),
  ];
  if (problems.length === 0) problems.push(...contradictions(settings));
  problems.push(...nameProblems(name));
  if (problems.length > 0) {
    throw new SluiceError("INVALID_INGEST_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}
