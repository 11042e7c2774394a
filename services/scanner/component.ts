import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import { jobsTable } from "../../shared/infra/jobsTable";
import type { Statement } from "../../shared/infra/policy";
import { PrivateBucket } from "../../shared/infra/privateBucket";
import { QueueWithDeadLetters } from "../../shared/infra/queueWithDeadLetters";
import { ServiceAlarms } from "../../shared/infra/serviceAlarms";
import { emailWithoutAlarms, nameProblems } from "../../shared/infra/serviceFields";
import { moduleProblems, USER_OPERATIONS_FILE, userOperationsFile } from "../../shared/infra/userModules";
import { JobMail } from "../jobs/jobMail";
import { type ScannerSettings, scannerFields } from "./config";
import { busOf, startPermissions, workerPermissions } from "./permissions";

/** Every field of `scannerFields` (config.ts) but `tables` and `operations`, with defaults and bounds as there, and: */
export interface TableScannerArgs extends Partial<Omit<ScannerSettings, "tables" | "operations">> {
  /** The tables it may work on: those of this program, or the names of others in this account and region. */
  tables: readonly (aws.dynamodb.Table | string)[];
  /** The AWS account everything belongs to, 12 digits. */
  accountId: pulumi.Input<string>;
  /** The AWS region of everything. */
  region: string;
  /** Operations of one's own: name to path of a module, from the project's folder. See shared/operations/operation.ts. */
  operations?: Readonly<Record<string, string>>;
  /** What these may do besides Scan of the tables: statements for the worker's role. Default: nothing. */
  operationPermissions?: Statement[];
  /** The table for jobs, where several services share one. Default: one of its own. */
  jobsTable?: aws.dynamodb.Table;
  /** Name of the event bus that is told how jobs end. Default: the account's own, `default`. */
  eventBus?: string;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}

/** What the command line needs to know. Nothing in it is secret. */
export interface OperatorOutput {
  region: string;
  jobsTable: pulumi.Output<string>;
  startFunction: pulumi.Output<string>;
  resultsBucket: pulumi.Output<string>;
}

type Tags = Record<string, string>;

/** A message is received once for every turn of its unit, and again for crashes and outages; no unit needs so many. */
const MAX_RECEIVE_COUNT = 100;
/** A start that fails for a passing reason is tried again for some hours. */
const START_RECEIVE_COUNT = 20;
/** As long as SQS allows with dead letters that outlast it. A job whose last segments wait longer has to be resumed. */
const RETENTION_DAYS = 13;
const START_TIMEOUT_SECONDS = 60;
const START_MEMORY_MEGABYTES = 512;
/** Lambda lets an event source mapping have no fewer. */
const START_CONCURRENCY = 2;

/**
 * The way of a unit: start function → segment queue → worker function, which reads pages of its segment, operates on them,
 * keeps the checkpoint in the jobs table and the results in the bucket, and puts the next message into the queue before
 * its time is over. The end of a job is told to the event bus.
 */
export class TableScanner extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
  /** Start requests as messages. */
  readonly startQueue: aws.sqs.Queue;
  readonly startDeadLetters: aws.sqs.Queue;
  readonly jobsTable: aws.dynamodb.Table;
  readonly resultsBucket: aws.s3.Bucket;
  readonly start: aws.lambda.Function;
  readonly worker: aws.lambda.Function;
  readonly operator: OperatorOutput;

  /**
   * @param name 1 to 40 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_SCANNER_ARGS with all problems, before anything is made; TooManyPermissions where a role
   * cannot hold so many tables.
   */
  constructor(name: string, args: TableScannerArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    super("sluice:scanner:TableScanner", name, {}, options);
    const parent = { parent: this };
    const tags = { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name };

    const queues = this.#queues(name, args, settings, tags);
    this.queue = queues.segments.queue;
    this.deadLetters = queues.segments.deadLetters;
    this.startQueue = queues.starts.queue;
    this.startDeadLetters = queues.starts.deadLetters;
    const { pointInTimeRecovery, deletionProtection } = settings;
    this.jobsTable =
      args.jobsTable ?? jobsTable(`${name}-jobs`, { pointInTimeRecovery, deletionProtection, tags }, parent);
    const results = new PrivateBucket(
      `${name}-results`,
      {
        accountId: args.accountId,
        expirationDays: settings.resultsExpirationDays,
        // Exports write an open object anew with each page.
        noncurrentVersionDays: "unversioned",
        deletionProtection,
        tags,
      },
      parent,
    );
    this.resultsBucket = results.bucket;

    // The worker may do more, so its role is the one that says how many tables fit.
    const worker = this.#function(`${name}-worker`, "work", workerPermissions(this, args), args, settings, tags);
    const start = this.#function(`${name}-start`, "start", startPermissions(this, args), args, settings, tags);
    this.start = start.function;
    this.worker = worker.function;
    const dependsOn = [results, this.jobsTable];
    this.#subscribe(`${name}-start-source`, this.startQueue, start, { batchSize: 1, concurrency: START_CONCURRENCY }, [
      start,
      ...dependsOn,
    ]);
    const { batchSize, maximumConcurrency: concurrency } = settings;
    this.#subscribe(`${name}-worker-source`, this.queue, worker, { batchSize, concurrency }, [worker, ...dependsOn]);

    if (settings.completionEmail !== "") {
      const mail = { email: settings.completionEmail, eventBus: busOf(args), jobsTableName: this.jobsTable.name, tags };
      new JobMail(`${name}-mail`, mail, parent);
    }
    if (settings.alarms) this.#watch(name, settings, tags);
    this.operator = {
      region: args.region,
      jobsTable: this.jobsTable.name,
      startFunction: this.start.name,
      resultsBucket: this.resultsBucket.bucket,
    };
    this.registerOutputs({ operator: this.operator });
  }

  #queues(name: string, { accountId }: TableScannerArgs, settings: ScannerSettings, tags: Tags) {
    const { timeoutSeconds, deletionProtection } = settings;
    const common = { accountId, retentionDays: RETENTION_DAYS, deletionProtection, tags };
    // AWS asks for six times the function's timeout; workers hide their messages for less by themselves.
    const segments = { visibilityTimeoutSeconds: 6 * timeoutSeconds, maxReceiveCount: MAX_RECEIVE_COUNT };
    const starts = { visibilityTimeoutSeconds: 6 * START_TIMEOUT_SECONDS, maxReceiveCount: START_RECEIVE_COUNT };
    return {
      segments: new QueueWithDeadLetters(`${name}-segments`, { ...common, ...segments }, { parent: this }),
      starts: new QueueWithDeadLetters(`${name}-starts`, { ...common, ...starts }, { parent: this }),
    };
  }

  #function(
    name: string,
    handler: "start" | "work",
    permissions: Statement[],
    args: TableScannerArgs,
    settings: ScannerSettings,
    tags: Tags,
  ): BundledFunction {
    const worker = handler === "work";
    const { operations = {} } = args;
    const own = Object.keys(operations).length > 0;
    return new BundledFunction(
      name,
      {
        entry: worker ? "services/scanner/handlers/work.ts" : "services/jobs/handlers/start.ts",
        ...(own ? { replaced: { [USER_OPERATIONS_FILE]: userOperationsFile(operations, process.cwd()) } } : {}),
        environment: {
          JOBS_TABLE: this.jobsTable.name,
          SEGMENT_QUEUE_URL: this.queue.url,
          EVENT_BUS: busOf(args),
          ...(worker
            ? { RESULTS_BUCKET: this.resultsBucket.bucket, BATCH_SIZE: String(settings.batchSize) }
            : { START_QUEUE_URL: this.startQueue.url }),
          POWERTOOLS_LOG_LEVEL: settings.logLevel,
          POWERTOOLS_SERVICE_NAME: name,
          POWERTOOLS_METRICS_NAMESPACE: "Sluice",
        },
        permissions,
        listed: "tables",
        timeoutSeconds: worker ? settings.timeoutSeconds : START_TIMEOUT_SECONDS,
        memoryMegabytes: worker ? settings.memoryMegabytes : START_MEMORY_MEGABYTES,
        logRetentionDays: settings.logRetentionDays,
        deletionProtection: settings.deletionProtection,
        tags,
      },
      { parent: this },
    );
  }

  #subscribe(
    name: string,
    queue: aws.sqs.Queue,
    { function: subscriber }: BundledFunction,
    { batchSize, concurrency }: { batchSize: number; concurrency: number },
    dependsOn: pulumi.Resource[],
  ): void {
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: queue.arn,
        functionName: subscriber.arn,
        batchSize,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: concurrency },
      },
      { parent: this, dependsOn },
    );
  }

  #watch(name: string, settings: ScannerSettings, tags: Tags): void {
    const workers = new ServiceAlarms(
      `${name}-alarm`,
      {
        queueName: this.queue.name,
        deadLetterQueueName: this.deadLetters.name,
        functionName: this.worker.name,
        wording: {
          deadLetters: "Segments that no worker could get ahead with wait in the dead-letter queue; resume their job.",
          function: "worker function",
        },
        tell: settings.alarmEmail,
        tags,
      },
      { parent: this },
    );
    new ServiceAlarms(
      `${name}-start-alarm`,
      {
        queueName: this.startQueue.name,
        deadLetterQueueName: this.startDeadLetters.name,
        functionName: this.start.name,
        wording: {
          deadLetters: "Start requests that could not be handled wait in the dead-letter queue.",
          function: "start function",
        },
        tell: workers.topic ?? "",
        tags,
      },
      { parent: this },
    );
  }
}

function checkedSettings(name: string, args: TableScannerArgs): ScannerSettings {
  const { tables, operations = {}, ...given } = args;
  const settings = withDefaults(scannerFields, given);
  const problems: Problem[] = [
    ...checkFields(scannerFields, settings),
    ...emailWithoutAlarms(settings),
    ...moduleProblems(operations, resolve(".")),
    ...nameProblems(name),
  ];
  for (const table of tables) {
    if (typeof table !== "string" || /^[\w.-]{3,255}$/.test(table)) continue;
    const rule = "must be 3 to 255 letters, digits, _ - and .";
    problems.push({ code: "INVALID_TABLE_NAME", option: "tables", rule, value: table });
  }
  if (problems.length > 0) {
    throw new SluiceError("INVALID_SCANNER_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}
