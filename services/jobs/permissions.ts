/**
 * The permissions of the start function, and those that all workers have. Each purpose has one statement, which covers no more
 * than the purpose needs.
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
  records: JobRecords;
}

export function startPermissions({ startQueue, unitQueues, records }: StartParts, reach: Reach): Statement[] {
  const { changedTables = [] } = reach;
  const tables = [...new Set([...reach.tables, ...changedTables])];
  return [
    // It sends itself a message that dispatches the chains if an invocation is killed before that.
    allow("TakeFromStartQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], startQueue.arn),
    ...unitQueues.map(({ arn }, at) => allow(at === 0 ? "DispatchUnits" : "DispatchWriting", ["sqs:SendMessage"], arn)),
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
    // One item is read, so that DynamoDB itself judges filter and projection.
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

/**
 * What every worker of the queue driver may do, whatever its operations.
 * @param putsEntries whether operations put entries (see shared/operations/operation.ts).
 */
export function queueWorkerPermissions(
  queue: aws.sqs.Queue,
  records: JobRecords,
  reach: Reach,
  putsEntries: boolean,
): Statement[] {
  const entries = putsEntries ? ["dynamodb:PutItem"] : [];
  return [
    allow("TakeFromQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], queue.arn),
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
    // Without it S3 answers a read of a missing object with "access denied", and the job would stop for that reason.
    allow("SeeMissingResults", ["s3:ListBucket"], records.results.bucket.arn),
    ...readBuckets(reach),
    allow("PublishEnds", ["events:PutEvents"], busArn(reach)),
  ];
}

/** Exports and lists of keys, in the results bucket and in those that the stack was given. */
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
