/**
 * The permissions of the start function, and of workers with any driver. Each purpose has one statement, which covers no more than
 * the purpose needs.
 */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, type Statement, TAKE_FROM_QUEUE } from "../../shared/infra/policy";
import type { JobRecords } from "./records";
import { busArn, onTables, type Reach } from "./tableAccess";

export interface StartParts {
  startQueue: aws.sqs.Queue;
  /** Queues of the workers. */
  unitQueues: readonly aws.sqs.Queue[];
  /** ARN of the workflow driver's state machine. Undefined: the stack has none. */
  stateMachineArn: pulumi.Input<string> | undefined;
  /** ARN of the spark driver's Glue job. Undefined: the stack has none. */
  glueJobArn: pulumi.Input<string> | undefined;
  records: JobRecords;
}

export function startPermissions(
  { startQueue, unitQueues, stateMachineArn, glueJobArn, records }: StartParts,
  reach: Reach,
): Statement[] {
  const { changedTables = [] } = reach;
  const tables = [...new Set([...reach.tables, ...changedTables])];
  return [
    // It sends itself a message that dispatches the chains if an invocation is killed before that.
    allow("TakeFromStartQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], startQueue.arn),
    ...unitQueues.map(({ arn }, at) => allow(at === 0 ? "DispatchUnits" : "DispatchWriting", ["sqs:SendMessage"], arn)),
    ...(stateMachineArn === undefined ? [] : [allow("BeginEpochs", ["states:StartExecution"], stateMachineArn)]),
    // It looks for a run that an earlier invocation began and could not record.
    ...(glueJobArn === undefined ? [] : [allow("BeginRuns", ["glue:StartJobRun", "glue:GetJobRuns"], glueJobArn)]),
    allow(
      "KeepJobs",
      [
        // A limit group's ledger outlives its jobs: the next one reads it and sets its rate.
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
      ],
      records.table.arn,
    ),
    // One item is read, so that DynamoDB itself checks filter and projection.
    ...onTables({ ...reach, tables }, (arns, indexes) => [
      allow("TryTables", ["dynamodb:DescribeTable", "dynamodb:Scan"], arns),
      allow("TryIndexes", ["dynamodb:Scan"], indexes),
    ]),
    // Whether the table can be restored.
    ...onTables({ ...reach, tables: changedTables }, (arns) => [
      allow("KnowProtection", ["dynamodb:DescribeContinuousBackups"], arns),
    ]),
    ...readSources(records, reach),
    allow("PublishRefusals", ["events:PutEvents"], busArn(reach)),
  ];
}

/** The permissions of a worker of the queue driver on its queue. */
export function takeTurns(queue: aws.sqs.Queue): Statement {
  return allow("TakeFromQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], queue.arn);
}

/** The permissions of a worker whose operations change no table, with any driver. */
export function readingPermissions(records: JobRecords, reach: Reach): Statement[] {
  return [
    ...workPermissions(records, reach, true),
    // The description distinguishes the job's table from another one of the same name.
    ...onTables(reach, (tables, indexes) => [
      allow("ReadTables", ["dynamodb:DescribeTable", "dynamodb:Scan"], tables),
      allow("ReadIndexes", ["dynamodb:Scan"], indexes),
    ]),
  ];
}

/** The permissions of a worker whose operations change tables, with any driver. */
export function writingPermissions(records: JobRecords, reach: Reach): Statement[] {
  return [...workPermissions(records, reach, false), ...tablePermissions(reach)];
}

/** The tables that writing workers read, and those that they change. */
function tablePermissions(reach: Reach): Statement[] {
  return [
    // BatchGetItem reads the items of a list of keys, and those that a dry run looks up.
    ...onTables(reach, (tables, indexes) => [
      allow("ReadTables", ["dynamodb:DescribeTable", "dynamodb:Scan", "dynamodb:BatchGetItem"], tables),
      allow("ReadIndexes", ["dynamodb:Scan"], indexes),
    ]),
    ...onTables({ ...reach, tables: reach.changedTables ?? [] }, (tables) => [
      allow(
        "ChangeTables",
        [
          // Conditional updates and deletes, 25 in a request; those that PartiQL can't express go one by one.
          ...["dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
          // Copies.
          ...["dynamodb:BatchWriteItem", "dynamodb:PutItem"],
        ],
        tables,
      ),
    ]),
  ];
}

/** The permissions of a function that ends jobs but works on no unit, if its operations are Sluice's own. */
export function endingPermissions(records: JobRecords, reach: Reach): Statement[] {
  return [
    allow("KeepCheckpoints", ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"], records.table.arn),
    allow("PutResults", ["s3:PutObject"], pulumi.interpolate`${records.results.bucket.arn}/*`),
    allow("PublishEnds", ["events:PutEvents"], busArn(reach)),
    ...onTables(reach, (tables) => [allow("DescribeTables", ["dynamodb:DescribeTable"], tables)]),
  ];
}

/** The permissions of the spark driver's tasks, with any operation: they end no job. */
export function taskPermissions(records: JobRecords, reach: Reach): Statement[] {
  const { tables, changedTables = [] } = reach;
  const all = { ...reach, tables: [...new Set([...tables, ...changedTables])] };
  return [...checkpointPermissions(records, reach, true), ...tablePermissions(all)];
}

/** @param putsEntries whether operations put entries (see shared/operations/operation.ts). */
function workPermissions(records: JobRecords, reach: Reach, putsEntries: boolean): Statement[] {
  return [
    ...checkpointPermissions(records, reach, putsEntries),
    allow("PublishEnds", ["events:PutEvents"], busArn(reach)),
  ];
}

function checkpointPermissions(records: JobRecords, reach: Reach, putsEntries: boolean): Statement[] {
  const entries = putsEntries ? ["dynamodb:PutItem"] : [];
  return [
    allow(
      "KeepCheckpoints",
      ["dynamodb:GetItem", ...entries, "dynamodb:UpdateItem", "dynamodb:Query"],
      records.table.arn,
    ),
    allow(
      "KeepResults",
      ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
      pulumi.interpolate`${records.results.bucket.arn}/*`,
    ),
    // Without it, S3 answers a read of a missing object with "access denied", and the job would stop for that reason.
    allow("SeeMissingResults", ["s3:ListBucket"], records.results.bucket.arn),
    ...readBuckets(reach),
  ];
}

/** Exports and lists of keys, in the results bucket and in the buckets of the config. */
function readSources(records: JobRecords, reach: Reach): Statement[] {
  const { arn } = records.results.bucket;
  return [
    allow("ReadResults", ["s3:GetObject"], pulumi.interpolate`${arn}/*`),
    allow("SeeMissingSources", ["s3:ListBucket"], arn),
    ...readBuckets(reach),
  ];
}

function readBuckets({ sourceBuckets = [] }: Reach): Statement[] {
  if (sourceBuckets.length === 0) return [];
  const arns = sourceBuckets.map((bucket) => `arn:aws:s3:::${bucket}`);
  return [
    allow(
      "ReadSources",
      ["s3:GetObject"],
      arns.map((arn) => `${arn}/*`),
    ),
    allow("ListSources", ["s3:ListBucket"], arns),
  ];
}
