import { resolve } from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WorkerSettings } from "../../shared/cost/jobPlan";
import { SluiceError } from "../../shared/errors";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import type { Statement } from "../../shared/infra/policy";
import { QueueWithDeadLetters } from "../../shared/infra/queueWithDeadLetters";
import { ServiceAlarms } from "../../shared/infra/serviceAlarms";
import { emailWithoutAlarms, nameProblems } from "../../shared/infra/serviceFields";
import { moduleProblems, USER_OPERATIONS_FILE, userOperationsFile } from "../../shared/infra/userModules";
import type { JobRecords } from "../jobs/records";
import { busOf, type Reach, tableNameProblems } from "../jobs/tableAccess";
import { type ScannerSettings, scannerFields } from "./config";
import { workerPermissions } from "./permissions";

/** Every field of `scannerFields` (config.ts) but `tables` and `operations`, with defaults and bounds as there, and: */
export interface TableScannerArgs extends Reach, Partial<Omit<ScannerSettings, "tables" | "operations">> {
  /** Where its jobs live. */
  records: JobRecords;
  /** Operations of one's own: name to path of a module, from the project's folder. See shared/operations/operation.ts. */
  operations?: Readonly<Record<string, string>>;
  /** What these may do besides Scan of the tables: statements for the worker's role. Default: nothing. */
  operationPermissions?: Statement[];
  /** True makes `pulumi destroy` stop at queues and log group. Default true. */
  deletionProtection?: boolean;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}

type Tags = Record<string, string>;

/** A message is received once for its turn, and again for crashes and outages; a job is stopped before its chain needs so many. */
const MAX_RECEIVE_COUNT = 100;
/**
 * Longest retention below the 14 days of dead letters, days. If a job's last chain waits longer, the job has to be resumed.
 */
const RETENTION_DAYS = 13;

/**
 * The queue driver's reading side: unit queue → worker function. A worker takes one unit after another, reads its pages,
 * operates on them, and keeps the checkpoint in the jobs table and the results in the bucket. Before its time is over, it
 * puts the chain's next message into the queue. The last chain ends the job.
 */
export class TableScanner extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
  readonly worker: aws.lambda.Function;
  /** Settings of the worker function. */
  readonly workerSettings: WorkerSettings;

  /**
   * @param name 1 to 40 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_SCANNER_ARGS with all problems, before anything is made; TooManyPermissions where a role
   *   cannot hold so many tables.
   */
  constructor(name: string, args: TableScannerArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    super("sluice:scanner:TableScanner", name, {}, options);
    const tags = { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name };
    const { accountId, deletionProtection = true } = args;
    const queue = new QueueWithDeadLetters(
      `${name}-units`,
      {
        accountId,
        deletionProtection,
        // AWS asks for six times the function's timeout; workers hide their messages for less.
        visibilityTimeoutSeconds: 6 * settings.timeoutSeconds,
        maxReceiveCount: MAX_RECEIVE_COUNT,
        retentionDays: RETENTION_DAYS,
        tags,
      },
      { parent: this },
    );
    const { memoryMegabytes, timeoutSeconds, maximumConcurrency, batchSize } = settings;
    this.workerSettings = { memoryMegabytes, timeoutSeconds, maximumConcurrency: maximumConcurrency * batchSize };
    this.queue = queue.queue;
    this.deadLetters = queue.deadLetters;
    this.worker = this.#worker(name, args, settings, deletionProtection, tags);
    if (settings.alarms) this.#watch(name, settings, tags);
    this.registerOutputs({ queueUrl: this.queue.url });
  }

  #worker(
    name: string,
    args: TableScannerArgs,
    settings: ScannerSettings,
    deletionProtection: boolean,
    tags: Tags,
  ): aws.lambda.Function {
    const { records, operations = {}, operationPermissions = [] } = args;
    const own = Object.keys(operations).length > 0;
    const worker = new BundledFunction(
      `${name}-worker`,
      {
        entry: "services/scanner/handlers/work.ts",
        ...(own ? { replaced: { [USER_OPERATIONS_FILE]: userOperationsFile(operations, process.cwd()) } } : {}),
        environment: {
          JOBS_TABLE: records.table.name,
          UNIT_QUEUE_URL: this.queue.url,
          EVENT_BUS: busOf(args),
          RESULTS_BUCKET: records.results.bucket.bucket,
          BATCH_SIZE: String(settings.batchSize),
          MOST_WORKERS: String(this.workerSettings.maximumConcurrency),
          POWERTOOLS_LOG_LEVEL: settings.logLevel,
          POWERTOOLS_SERVICE_NAME: `${name}-worker`,
          POWERTOOLS_METRICS_NAMESPACE: "Sluice",
        },
        permissions: [...workerPermissions(this.queue, records, args), ...operationPermissions],
        listed: "tables",
        timeoutSeconds: settings.timeoutSeconds,
        memoryMegabytes: settings.memoryMegabytes,
        logRetentionDays: settings.logRetentionDays,
        deletionProtection,
        tags,
      },
      { parent: this },
    );
    new aws.lambda.EventSourceMapping(
      `${name}-worker-source`,
      {
        eventSourceArn: this.queue.arn,
        functionName: worker.function.arn,
        batchSize: settings.batchSize,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: settings.maximumConcurrency },
        tags,
      },
      { parent: this, dependsOn: [worker, records] },
    );
    return worker.function;
  }

  #watch(name: string, settings: ScannerSettings, tags: Tags): void {
    new ServiceAlarms(
      `${name}-alarm`,
      {
        queueName: this.queue.name,
        deadLetterQueueName: this.deadLetters.name,
        functionName: this.worker.name,
        wording: {
          deadLetters: "Chains without progress wait in the dead-letter queue; resume their job.",
          function: "worker function",
        },
        notify: settings.alarmEmail,
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
    ...tableNameProblems(tables),
  ];
  if (problems.length > 0) {
    throw new SluiceError("INVALID_SCANNER_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}
