/** The permissions of the start function: one statement a purpose, on no more than the purpose needs. */
import type * as aws from "@pulumi/aws";
import { allow, type Statement, TAKE_FROM_QUEUE } from "../../shared/infra/policy";
import { busArn, onTables, type Reach } from "./tableAccess";

export interface StartParts {
  startQueue: aws.sqs.Queue;
  unitQueue: aws.sqs.Queue;
  jobsTable: aws.dynamodb.Table;
}

export function startPermissions({ startQueue, unitQueue, jobsTable }: StartParts, reach: Reach): Statement[] {
  return [
    // It sends itself a message that dispatches the chains if an invocation is killed before that.
    allow("TakeFromStartQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], startQueue.arn),
    allow("DispatchUnits", ["sqs:SendMessage"], unitQueue.arn),
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
      jobsTable.arn,
    ),
    // One item is read, so that DynamoDB itself judges filter and projection.
    ...onTables(reach, (tables, indexes) => [
      allow("TryTables", ["dynamodb:DescribeTable", "dynamodb:Scan"], tables),
      allow("TryIndexes", ["dynamodb:Scan"], indexes),
    ]),
    allow("PublishRefusals", ["events:PutEvents"], busArn(reach)),
  ];
}
