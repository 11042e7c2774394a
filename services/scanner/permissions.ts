/** The permissions of the worker function: one statement a purpose, on no more than the purpose needs. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, type Statement, TAKE_FROM_QUEUE } from "../../shared/infra/policy";
import type { JobRecords } from "../jobs/records";
import { busArn, onTables, type Reach } from "../jobs/tableAccess";

export function workerPermissions(queue: aws.sqs.Queue, records: JobRecords, reach: Reach): Statement[] {
  return [
    allow("TakeFromQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], queue.arn),
    allow(
      "KeepCheckpoints",
      ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
      records.table.arn,
    ),
    // The description distinguishes the job's table from another one of the same name.
    ...onTables(reach, (tables, indexes) => [
      allow("ReadTables", ["dynamodb:DescribeTable", "dynamodb:Scan"], tables),
      allow("ReadIndexes", ["dynamodb:Scan"], indexes),
    ]),
    allow(
      "KeepResults",
      ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
      pulumi.interpolate`${records.results.bucket.arn}/*`,
    ),
    // Without it S3 answers a read of a missing object with "access denied", and the job would stop for that reason.
    allow("SeeMissingResults", ["s3:ListBucket"], records.results.bucket.arn),
    allow("PublishEnds", ["events:PutEvents"], busArn(reach)),
  ];
}
