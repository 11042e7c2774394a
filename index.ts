/**
 * Sluice's Pulumi program. `pulumi up` runs it on AWS, `npm start` runs it on the local cloud.
 *
 * The path of a submission:
 *   sender/sendSurvey.ts               sends it to the queue
 *   services/ingest/component.ts       the queue, what drains it, where it ends
 *   services/ingest/handlers/store.ts  takes a batch from the queue
 *   services/ingest/storeSubmission.ts raw object to S3; marker, latest answers and count to DynamoDB
 *
 * The path of a unit:
 *   services/jobs/component.ts            the jobs table, the results bucket, the start function
 *   services/jobs/handlers/start.ts       takes a start request, invoked or from its queue
 *   services/jobs/startJob.ts             checks it, writes the job
 *   services/jobs/dispatchChains.ts       hands the job's chains to the driver
 *   shared/drivers/queue/unitQueue.ts     the queue driver: one message for each turn of a chain
 *   services/scanner/component.ts         the unit queue, the worker function
 *   services/scanner/handlers/work.ts     takes a turn at a chain from the queue
 *   services/backfill/handlers/work.ts    the same, where the job changes a table
 *   shared/drivers/workflow/executions.ts  the workflow driver: one execution for each epoch of a job
 *   services/shuffle/component.ts         the state machine, its functions
 *   services/shuffle/handlers/            number after number: generate, process, summarize
 *   shared/drivers/spark/runs.ts          the spark driver: one Glue run for each epoch of a job
 *   services/glue/component.ts            the Glue job, what looks at the ends of its runs
 *   services/glue/python/src/sluice/      what its tasks run: the same steps as below, in Python
 *   shared/worker/workChain.ts            one turn: how many chains the job needs
 *   shared/worker/openWork.ts             puts together what the next five need
 *   shared/engine/protocol.ts             unit after unit: lease, checkpoint, next turn, end of the job
 *   shared/engine/pageLoop.ts             page after page
 *   shared/sources/table/tableScan.ts     reads a page
 *   shared/capacity/plugin/               lets the read through when the job's limit allows it
 *   shared/operations/                    count, export, update, delete, copy: operate on the page
 *   shared/writing/                       writes items on condition
 *
 * The path of a figure to CloudWatch:
 *   services/dashboard/sections.ts        the figures of the operator's page, as graphs
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TableBackfill } from "./services/backfill/component";
import { readBackfillSettings, updateModules } from "./services/backfill/config";
import { StackDashboard } from "./services/dashboard/component";
import { glueJobArn, glueJobName, SparkJobs } from "./services/glue/component";
import { pythonTwins, readGlueSettings, sparkSettings } from "./services/glue/config";
import { SurveyIngest } from "./services/ingest/component";
import { readIngestSettings } from "./services/ingest/readSettings";
import { BulkJobs } from "./services/jobs/component";
import { bucketNames, readJobsSettings } from "./services/jobs/config";
import { keepFormer } from "./services/jobs/formerNames";
import type { JobRecords } from "./services/jobs/records";
import { TableScanner } from "./services/scanner/component";
import { operationModules, readScannerSettings } from "./services/scanner/config";
import { ShuffleWorkflow, stateMachineArn } from "./services/shuffle/component";
import { readShuffleSettings } from "./services/shuffle/config";
import { ConfigReader, namesIn } from "./shared/infra/config";
import { programFields, requireRegion } from "./shared/infra/program";
import { keepSecret, secretOutputs } from "./shared/infra/secrets";

const reader = new ConfigReader();
const { senderAccess, dashboard } = reader.read(programFields);
const settings = readIngestSettings(reader);
const jobsSettings = readJobsSettings(reader);
const scannerSettings = readScannerSettings(reader);
const backfillSettings = readBackfillSettings(reader);
const shuffleSettings = readShuffleSettings(reader);
const glueSettings = readGlueSettings(reader);
reader.finish();
const region = requireRegion();
const { accountId } = aws.getCallerIdentityOutput();

const secrecy = keepSecret(reader.secrets);
const ingest = new SurveyIngest(
  "ingest",
  { ...settings, senderAccess, region, accountId },
  { transformations: secrecy },
);
const common = { region, accountId, operations: operationModules(scannerSettings) };
const changedTables = namesIn(backfillSettings.tables);
// Tables that jobs may change can be counted and exported as well.
const named = new Set([...namesIn(scannerSettings.tables), ...changedTables]);
const tables = [ingest.resultsTable, ingest.submissionsTable, ...named];
const updates = updateModules(backfillSettings);
const sourceBuckets = bucketNames(jobsSettings);
const { deletionProtection } = jobsSettings;
const transformations = [keepFormer, ...secrecy];
const workflowArn = stateMachineArn("shuffle", { region, accountId });
const { maximumConcurrency } = shuffleSettings;
const hasWorkflow = maximumConcurrency > 0;
const hasGlue = glueSettings.workers > 0;
const sparkArn = glueJobArn("glue", { region, accountId });
const spark = {
  ...sparkSettings(glueSettings),
  ...{ glueJob: glueJobName("glue"), glueJobArn: sparkArn, operations: Object.keys(pythonTwins(glueSettings)) },
};
const makeBackfill = (records: JobRecords) =>
  new TableBackfill(
    "backfill",
    {
      ...backfillSettings,
      ...{ region, accountId, tables, changedTables, updates, sourceBuckets, records, deletionProtection },
    },
    { transformations: secrecy },
  );
const jobs = new BulkJobs(
  "jobs",
  {
    ...jobsSettings,
    ...common,
    tables,
    changedTables,
    updates,
    driver: (records) =>
      new TableScanner(
        "scanner",
        { ...scannerSettings, ...common, tables, sourceBuckets, records, deletionProtection },
        { transformations },
      ),
    ...(changedTables.length === 0 ? {} : { writer: makeBackfill }),
    ...(hasWorkflow ? { workflow: { stateMachineArn: workflowArn, maximumConcurrency } } : {}),
    ...(hasGlue ? { spark } : {}),
  },
  { transformations },
);
const workflow = hasWorkflow
  ? new ShuffleWorkflow(
      "shuffle",
      {
        ...shuffleSettings,
        ...common,
        ...{ tables, changedTables, updates, sourceBuckets, deletionProtection },
        ...{ records: jobs.records, start: jobs.start, stateMachineArn: workflowArn },
      },
      { transformations: secrecy },
    )
  : undefined;

const glue = hasGlue
  ? new SparkJobs(
      "glue",
      {
        ...glueSettings,
        ...{ region, accountId, tables, changedTables, sourceBuckets, deletionProtection },
        ...{ records: jobs.records, unitQueue: jobs.driver.queue, writingQueue: jobs.writer?.queue },
        ...{ glueJobArn: sparkArn, operationNames: Object.keys(common.operations) },
      },
      { transformations: secrecy },
    )
  : undefined;

if (dashboard) {
  const { queue, deadLetters } = ingest;
  const { driver, writer } = jobs;
  new StackDashboard(
    "dashboard",
    {
      region,
      parts: {
        intake: {
          service: ingest.intake.metrics.service,
          queue: queue.name,
          deadLetters: deadLetters.name,
          storeFunction: ingest.store.name,
        },
        queues: {
          starts: { queue: jobs.startQueue.name, deadLetters: jobs.startDeadLetters.name },
          reading: { queue: driver.queue.name, deadLetters: driver.deadLetters.name },
          ...(writer && { writing: { queue: writer.queue.name, deadLetters: writer.deadLetters.name } }),
        },
        functions: {
          start: jobs.start.name,
          reading: driver.worker.name,
          ...(writer && { writing: writer.worker.name }),
          ...(workflow && {
            generate: workflow.generate.name,
            "workflow reading": workflow.processReading.name,
            ...(workflow.processWriting && { "workflow writing": workflow.processWriting.name }),
            summarize: workflow.summarize.name,
          }),
          ...(glue && { "run ended": glue.runEnded.name }),
        },
        workers: {
          reading: "scanner-worker",
          ...(writer && { writing: "backfill-worker" }),
          ...(workflow && { "workflow reading": "shuffle-process-reading", summarize: "shuffle-summarize" }),
          ...(workflow?.processWriting && { "workflow writing": "shuffle-process-writing" }),
        },
        tables: tables.map((table) => (typeof table === "string" ? table : table.name)),
        ...(workflow && { stateMachine: workflow.stateMachine.arn }),
        ...(glue && { runEnded: "glue-run-ended" }),
      },
    },
    { transformations: secrecy },
  );
}

/** The stack's outputs. Pulumi warns of undefined ones, so what a stack doesn't have is left out. */
const outputs = {
  /** What the sender needs, as one document: `pulumi stack output sender --json`. */
  sender: pulumi.output(ingest.sender),
  queueUrl: ingest.queue.url,
  queueArn: ingest.queue.arn,
  deadLetterQueueUrl: ingest.deadLetters.url,
  deadLetterQueueArn: ingest.deadLetters.arn,
  rawBucket: ingest.rawBucket.bucket,
  quarantineBucket: ingest.quarantineBucket.bucket,
  resultsTable: ingest.resultsTable.name,
  submissionsTable: ingest.submissionsTable.name,
  storeFunction: ingest.store.name,
  logGroup: ingest.logGroup.name,

  /** What the command line needs, as one document: `npm run sluice -- intake status --stack dev`. */
  intake: pulumi.output(ingest.intake),
  /** The same for bulk jobs: `npm run sluice -- jobs list --stack dev`. */
  operator: pulumi.output(jobs.operator),
  /** Where the functions and Glue's tasks write their lines: `npm run sluice -- logs`. */
  logs: pulumi.output({
    region,
    groups: {
      store: ingest.logGroup.name,
      start: jobs.startLogGroup.name,
      scanner: jobs.driver.logGroup.name,
      ...(jobs.writer && { backfill: jobs.writer.logGroup.name }),
      ...workflow?.functionLogGroups,
      ...(glue && { spark: glue.outputLog.name, runEnded: glue.runEndedLog.name }),
    },
  }),
  startQueueUrl: jobs.startQueue.url,
  startDeadLetterQueueUrl: jobs.startDeadLetters.url,
  startDeadLetterQueueArn: jobs.startDeadLetters.arn,
  startLogGroup: jobs.startLogGroup.name,
  unitQueueUrl: jobs.driver.queue.url,
  unitDeadLetterQueueUrl: jobs.driver.deadLetters.url,
  unitDeadLetterQueueArn: jobs.driver.deadLetters.arn,
  unitLogGroup: jobs.driver.logGroup.name,
  /** Where tables may be changed (config backfillTables). */
  ...(jobs.writer && {
    writingQueueUrl: jobs.writer.queue.url,
    writingDeadLetterQueueUrl: jobs.writer.deadLetters.url,
    writingDeadLetterQueueArn: jobs.writer.deadLetters.arn,
    writingLogGroup: jobs.writer.logGroup.name,
  }),
  /** Where there is a workflow (config shuffleMaximumConcurrency). */
  ...(workflow && {
    stateMachine: workflow.stateMachine.arn,
    stateMachineLogGroup: workflow.logGroup.name,
    /** Those of the workflow's functions. */
    workflowLogGroups: pulumi.output(workflow.functionLogGroups),
  }),
  /** Where there is a Glue job (config glueWorkers). */
  ...(glue && {
    glueJob: glue.job.name,
    glueOutputLogGroup: glue.outputLog.name,
    glueErrorLogGroup: glue.errorLog.name,
    runEndedLogGroup: glue.runEndedLog.name,
  }),
  resultsBucket: jobs.records.results.bucket.bucket,
  jobsTable: jobs.records.table.name,
};

export = secretOutputs(outputs, reader.secrets);
