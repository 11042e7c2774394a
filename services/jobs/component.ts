import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { SparkSettings, WorkerSettings } from "../../shared/cost/jobPlan";
import { SluiceError } from "../../shared/errors";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import { QueueWithDeadLetters } from "../../shared/infra/queueWithDeadLetters";
import { ServiceAlarms } from "../../shared/infra/serviceAlarms";
import { nameProblems } from "../../shared/infra/serviceFields";
import { moduleProblems, registeredModules } from "../../shared/infra/userModules";
import { bucketNames, type JobsSettings, jobsFields, jobsProblems } from "./config";
import { startPermissions } from "./permissions";
import { JobRecords } from "./records";
import { busOf, type Reach, tableNameProblems } from "./tableAccess";

/** Hands the work of jobs to workers. */
export interface UnitDriver {
  readonly queue: aws.sqs.Queue;
  /** Settings of its worker function; estimates need them. */
  readonly workerSettings: WorkerSettings;
}

/** Every field of `jobsFields` (config.ts), with defaults and bounds as there, and: */
export interface BulkJobsArgs<Driver extends UnitDriver, Writer extends UnitDriver>
  extends Omit<Reach, "sourceBuckets">,
    Partial<JobsSettings> {
  /** Operations of your own: name to path of a module, from the project's folder. See shared/operations/operation.ts. */
  operations?: Readonly<Record<string, string>>;
  /** Updates of your own, in the same form. */
  updates?: Readonly<Record<string, string>>;
  /** Makes the driver of the reading workers once there is a place for the workers' records. */
  driver: (records: JobRecords) => Driver;
  /** Makes the driver of the writing workers. Default: there are none, and no job changes a table. */
  writer?: (records: JobRecords) => Writer;
  /** The workflow driver. Default: none. */
  workflow?: WorkflowReach;
  /** The spark driver. Default: none. */
  spark?: SparkReach;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}

/** The workflow driver, as the control plane knows it. */
export interface WorkflowReach {
  /** ARN of its state machine. */
  stateMachineArn: pulumi.Input<string>;
  /** Most units that a job of it works on at once, 1 to 10,000. */
  maximumConcurrency: number;
}

/** The spark driver, as the control plane knows it. */
export interface SparkReach extends SparkSettings {
  /** Name and ARN of its Glue job. */
  glueJob: string;
  glueJobArn: pulumi.Input<string>;
  /** Names of the operations of a user's own that have a twin in Python. */
  operations: readonly string[];
}

/** What the command line needs to know. Nothing in it is secret. */
export interface OperatorOutput {
  region: string;
  jobsTable: pulumi.Output<string>;
  startFunction: pulumi.Output<string>;
  resultsBucket: pulumi.Output<string>;
  /** Most units that a job of the workflow driver works on at once. Absent: there is no workflow. */
  shuffleMaximumConcurrency?: number;
  /** Name of the spark driver's Glue job. Absent: none. */
  glueJob?: string;
  /** Names of the tables that jobs may read, and that they may change. */
  tables: { read: pulumi.Output<string[]>; write: pulumi.Output<string[]> };
  /** Names of the stack's own operations and updates. */
  operations: string[];
}

type Tags = Record<string, string>;

/** A start that fails for a transient reason is retried for some hours. */
const RECEIVE_COUNT = 20;
/** The longest retention that dead letters, kept for 14 days, outlast. */
const RETENTION_DAYS = 13;
const TIMEOUT_SECONDS = 60;
const MEMORY_MEGABYTES = 512;
/** The least that Lambda allows for an event source mapping. */
const CONCURRENCY = 2;

/**
 * The control plane of bulk work: the records of all jobs and the start function, which checks a request, writes the job
 * and dispatches its chains to the driver. Drivers and workers are services of their own.
 */
export class BulkJobs<
  Driver extends UnitDriver,
  Writer extends UnitDriver = UnitDriver,
> extends pulumi.ComponentResource {
  readonly records: JobRecords;
  readonly driver: Driver;
  /** Undefined: no job of the stack changes a table. */
  readonly writer: Writer | undefined;
  /** Start requests as messages. */
  readonly startQueue: aws.sqs.Queue;
  readonly startDeadLetters: aws.sqs.Queue;
  readonly start: aws.lambda.Function;
  /** The start function's. */
  readonly startLogGroup: aws.cloudwatch.LogGroup;
  readonly operator: OperatorOutput;

  /**
   * @param name 1 to 35 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_JOBS_ARGS with all problems, before anything is made; TooManyPermissions if a role
   *   cannot hold so many tables.
   */
  constructor(name: string, args: BulkJobsArgs<Driver, Writer>, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    super("sluice:jobs:BulkJobs", name, {}, options);
    const parent = { parent: this };
    const tags = { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name };
    const { accountId } = args;
    const { deletionProtection } = settings;

    this.records = new JobRecords(`${name}-records`, { ...settings, accountId, eventBus: busOf(args), tags }, parent);
    // Workers may do more than the start function, so their role is the one that limits the number of tables.
    this.driver = args.driver(this.records);
    this.writer = args.writer?.(this.records);
    const queue = new QueueWithDeadLetters(
      `${name}-starts`,
      {
        accountId,
        deletionProtection,
        // AWS asks for six times the function's timeout; the function hides its messages for less.
        visibilityTimeoutSeconds: 6 * TIMEOUT_SECONDS,
        maxReceiveCount: RECEIVE_COUNT,
        retentionDays: RETENTION_DAYS,
        tags,
      },
      parent,
    );
    this.startQueue = queue.queue;
    this.startDeadLetters = queue.deadLetters;
    const start = this.#startFunction(name, args, settings, tags);
    this.start = start.function;
    this.startLogGroup = start.logGroup;
    if (settings.alarms) this.#watch(name, settings, tags);
    this.operator = {
      region: args.region,
      jobsTable: this.records.table.name,
      startFunction: this.start.name,
      resultsBucket: this.records.results.bucket.bucket,
      ...(args.workflow === undefined ? {} : { shuffleMaximumConcurrency: args.workflow.maximumConcurrency }),
      ...(args.spark === undefined ? {} : { glueJob: args.spark.glueJob }),
      tables: { read: tableNames(args.tables), write: tableNames(args.changedTables ?? []) },
      operations: Object.keys({ ...args.operations, ...args.updates }),
    };
    // Not the operator's: the names of tables may be secret, and no transformation reaches outputs.
    this.registerOutputs({ startFunctionName: this.start.name, startQueueUrl: this.startQueue.url });
  }

  #startFunction(
    name: string,
    args: BulkJobsArgs<Driver, Writer>,
    settings: JobsSettings,
    tags: Tags,
  ): BundledFunction {
    const { operations = {}, updates = {} } = args;
    const unitQueues = [this.driver, ...(this.writer === undefined ? [] : [this.writer])].map(({ queue }) => queue);
    const stateMachineArn = args.workflow?.stateMachineArn;
    const glueJobArn = args.spark?.glueJobArn;
    const parts = { startQueue: this.startQueue, unitQueues, stateMachineArn, glueJobArn, records: this.records };
    const reach = { ...args, sourceBuckets: bucketNames(settings) };
    const start = new BundledFunction(
      `${name}-start`,
      {
        entry: "services/jobs/handlers/start.ts",
        ...(Object.keys({ ...operations, ...updates }).length === 0
          ? {}
          : {
              replaced: {
                ...registeredModules("operations", operations, process.cwd()),
                ...registeredModules("updates", updates, process.cwd()),
              },
            }),
        environment: {
          JOBS_TABLE: this.records.table.name,
          RESULTS_BUCKET: this.records.results.bucket.bucket,
          START_QUEUE_URL: this.startQueue.url,
          EVENT_BUS: busOf(args),
          EXPIRATION_DAYS: String(settings.expirationDays),
          TIMEOUT_SECONDS: String(TIMEOUT_SECONDS),
          ...workersEnvironment("READERS", this.driver),
          ...(this.writer === undefined
            ? {}
            : { ...workersEnvironment("WRITERS", this.writer), CHANGED_TABLES: namesOf(args.changedTables ?? []) }),
          ...(stateMachineArn === undefined ? {} : { STATE_MACHINE_ARN: stateMachineArn }),
          ...(args.spark === undefined ? {} : sparkEnvironment(args.spark)),
          POWERTOOLS_LOG_LEVEL: settings.logLevel,
          POWERTOOLS_SERVICE_NAME: `${name}-start`,
          POWERTOOLS_METRICS_NAMESPACE: metricNamespace(),
        },
        permissions: startPermissions(parts, reach),
        listed: "tables",
        timeoutSeconds: TIMEOUT_SECONDS,
        memoryMegabytes: MEMORY_MEGABYTES,
        logRetentionDays: settings.logRetentionDays,
        deletionProtection: settings.deletionProtection,
        tags,
      },
      { parent: this },
    );
    new aws.lambda.EventSourceMapping(
      `${name}-start-source`,
      {
        eventSourceArn: this.startQueue.arn,
        functionName: start.function.arn,
        batchSize: 1,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: CONCURRENCY },
        tags,
      },
      { parent: this, dependsOn: [start, this.records] },
    );
    return start;
  }

  #watch(name: string, settings: JobsSettings, tags: Tags): void {
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
        runbook: "jobs-start-alarm",
        notify: settings.alarmEmail,
        tags,
      },
      { parent: this },
    );
  }
}

/** Names of tables, separated by commas. */
function namesOf(tables: NonNullable<Reach["changedTables"]>): pulumi.Output<string> {
  return tableNames(tables).apply((names) => names.join(","));
}

function tableNames(tables: NonNullable<Reach["changedTables"]>): pulumi.Output<string[]> {
  return pulumi.all(tables.map((table) => (typeof table === "string" ? table : table.name)));
}

/** Lambda allows 4 KB for all variables of a function. The names of the program's own tables count at their longest. */
const CHANGED_TABLES_CHARACTERS = 2_500;
const LONGEST_TABLE_NAME = 255;

function tooManyChanged(tables: NonNullable<Reach["changedTables"]>): Problem[] {
  const characters = tables.reduce(
    (sum, table) => sum + 1 + (typeof table === "string" ? table.length : LONGEST_TABLE_NAME),
    0,
  );
  if (characters <= CHANGED_TABLES_CHARACTERS) return [];
  const rule = `must have names of at most ${CHANGED_TABLES_CHARACTERS} characters together`;
  return [{ code: "TOO_MANY_TABLES", option: "changedTables", rule, value: characters }];
}

/** The variables by which the start function knows workers. */
function workersEnvironment(kind: "READERS" | "WRITERS", { queue, workerSettings }: UnitDriver) {
  return {
    [`${kind}_QUEUE_URL`]: queue.url,
    [`${kind}_MEMORY_MEGABYTES`]: String(workerSettings.memoryMegabytes),
    [`${kind}_TIMEOUT_SECONDS`]: String(workerSettings.timeoutSeconds),
    [`${kind}_MAXIMUM_CONCURRENCY`]: String(workerSettings.maximumConcurrency),
  };
}

/** The variables by which the start function knows the spark driver. */
function sparkEnvironment({ glueJob, workers, dpusPerWorker, flex, timeoutMinutes, operations }: SparkReach) {
  return {
    GLUE_JOB: glueJob,
    GLUE_WORKERS: String(workers),
    GLUE_DPUS_PER_WORKER: String(dpusPerWorker),
    GLUE_FLEX: String(flex),
    GLUE_TIMEOUT_MINUTES: String(timeoutMinutes),
    ...(operations.length === 0 ? {} : { GLUE_OPERATIONS: operations.join(",") }),
  };
}

function checkedSettings(name: string, args: BulkJobsArgs<UnitDriver, UnitDriver>): JobsSettings {
  const { tables, changedTables = [], operations = {}, updates = {} } = args;
  const settings = withDefaults(jobsFields, args);
  const sound = checkFields(jobsFields, settings);
  const problems: Problem[] = [
    ...sound,
    ...(sound.length === 0 ? jobsProblems(settings) : []),
    ...moduleProblems("operations", operations, resolve(".")),
    ...moduleProblems("updates", updates, resolve(".")),
    ...nameProblems(name),
    ...tableNameProblems([...tables, ...changedTables]),
    ...tooManyChanged(changedTables),
  ];
  if (problems.length > 0) {
    throw new SluiceError("INVALID_JOBS_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}
