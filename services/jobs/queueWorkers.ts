import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WorkerSettings } from "../../shared/cost/jobPlan";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import type { Values } from "../../shared/infra/fields";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import type { Statement } from "../../shared/infra/policy";
import { QueueWithDeadLetters } from "../../shared/infra/queueWithDeadLetters";
import { ServiceAlarms } from "../../shared/infra/serviceAlarms";
import type { JobRecords } from "./records";
import { busOf, type Reach } from "./tableAccess";
import type { workerFields } from "./workerFields";

/** Settings that all kinds of workers have. */
export type QueueWorkerSettings = Values<ReturnType<typeof workerFields>>;

export interface QueueWorkersArgs extends Pick<Reach, "accountId" | "eventBus"> {
  settings: QueueWorkerSettings;
  /** Where their jobs live. */
  records: JobRecords;
  /** Path of the handler, from the project's folder. */
  entry: string;
  /** Files of the bundle that others take the place of: path to text. */
  replaced: Record<string, string>;
  /** What the worker function may do, beyond taking messages from its queue. */
  permissions: (queue: aws.sqs.Queue) => Statement[];
  /** The worker function in the words of its alarms. */
  wording: string;
  /** How the headings of its alarms' sections in docs/runbook.md begin. */
  runbook: string;
  deletionProtection: boolean;
  /** Tags of everything. */
  tags: Record<string, string>;
}

/** A message is received once for its turn, and again for crashes and outages; a job is stopped before its chain needs so many. */
const MAX_RECEIVE_COUNT = 100;
/**
 * Longest retention below the 14 days of dead letters, days. If a job's last chain waits longer, the job has to be resumed.
 */
const RETENTION_DAYS = 13;

/**
 * The queue driver's workers: unit queue → worker function. A worker takes one unit after another, reads its pages, operates
 * on them, and keeps the checkpoint in the jobs table and the results in the bucket. Before its time is over, it puts the
 * chain's next message into the queue. The last chain ends the job.
 */
export abstract class QueueWorkers extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
  readonly worker: aws.lambda.Function;
  /** The worker function's. */
  readonly logGroup: aws.cloudwatch.LogGroup;
  /** Settings of the worker function. */
  readonly workerSettings: WorkerSettings;

  protected constructor(
    type: string,
    name: string,
    args: QueueWorkersArgs,
    options: pulumi.ComponentResourceOptions | undefined,
  ) {
    super(type, name, {}, options);
    const { accountId, deletionProtection, settings, tags } = args;
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
    const worker = this.#worker(name, args);
    this.worker = worker.function;
    this.logGroup = worker.logGroup;
    if (settings.alarms) this.#watch(name, args);
    this.registerOutputs({ queueUrl: this.queue.url });
  }

  #worker(name: string, args: QueueWorkersArgs): BundledFunction {
    const { settings, records, entry, replaced, permissions, deletionProtection, tags } = args;
    const worker = new BundledFunction(
      `${name}-worker`,
      {
        entry,
        ...(Object.keys(replaced).length === 0 ? {} : { replaced }),
        environment: {
          JOBS_TABLE: records.table.name,
          UNIT_QUEUE_URL: this.queue.url,
          EVENT_BUS: busOf(args),
          RESULTS_BUCKET: records.results.bucket.bucket,
          BATCH_SIZE: String(settings.batchSize),
          MOST_WORKERS: String(this.workerSettings.maximumConcurrency),
          POWERTOOLS_LOG_LEVEL: settings.logLevel,
          POWERTOOLS_SERVICE_NAME: `${name}-worker`,
          POWERTOOLS_METRICS_NAMESPACE: metricNamespace(),
        },
        permissions: permissions(this.queue),
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
    return worker;
  }

  #watch(name: string, { settings, wording, runbook, tags }: QueueWorkersArgs): void {
    new ServiceAlarms(
      `${name}-alarm`,
      {
        queueName: this.queue.name,
        deadLetterQueueName: this.deadLetters.name,
        functionName: this.worker.name,
        wording: {
          deadLetters: "Chains without progress wait in the dead-letter queue. Fix the cause, then resume their jobs.",
          function: wording,
        },
        runbook,
        notify: settings.alarmEmail,
        tags,
      },
      { parent: this },
    );
  }
}
