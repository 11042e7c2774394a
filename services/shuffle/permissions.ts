/** The permissions of the workflow driver's functions and of its state machine: one statement for each purpose. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, BoundedText, type Statement } from "../../shared/infra/policy";
import { NUMBERS_PREFIX } from "../../shared/jobs/numbersList";
import type { JobRecords } from "../jobs/records";
import { onTables, type Reach } from "../jobs/tableAccess";

/** GenerateShuffledNumbers reads a job and its units, and puts a list. */
export function generatePermissions(records: JobRecords): Statement[] {
  return [
    allow("ReadJobs", ["dynamodb:Query"], records.table.arn),
    allow("PutNumbers", ["s3:PutObject"], numbersOf(records)),
  ];
}

/** The end of a job that changes a table depends on whether the table is still the one that the job began with. */
export function knowTables(reach: Pick<Reach, "tables" | "region" | "accountId">): Statement[] {
  return onTables(reach, (tables) => [allow("KnowTables", ["dynamodb:DescribeTable"], tables)]);
}

export interface StateMachineReach {
  /** The functions that it invokes. */
  functions: readonly aws.lambda.Function[];
  records: JobRecords;
  /** ARN of the state machine itself, and a pattern of its executions'. */
  stateMachineArn: pulumi.Input<string>;
  executionArns: pulumi.Input<string>;
  tracing: boolean;
}

/** Characters: a name of 64 behind partition, region and account. With bounds all statements fit into one policy. */
const LONGEST_FUNCTION_ARN = 140;

/** https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html, and below it for logs and traces. */
export function stateMachinePermissions(reach: StateMachineReach): Statement[] {
  const { functions, records, stateMachineArn, executionArns, tracing } = reach;
  return [
    allow(
      "InvokeTasks",
      ["lambda:InvokeFunction"],
      functions.map(({ arn }) => new BoundedText(arn, LONGEST_FUNCTION_ARN)),
    ),
    allow("ReadNumbers", ["s3:GetObject"], numbersOf(records)),
    // A distributed Map starts its children itself, and stops them.
    allow("BeginChildren", ["states:StartExecution"], stateMachineArn),
    allow("StopChildren", ["states:DescribeExecution", "states:StopExecution"], executionArns),
    // Log delivery has no resources to name: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    allow("DeliverLogs", LOG_DELIVERY, "*"),
    ...(tracing ? [allow("Trace", TRACING, "*")] : []),
  ];
}

const LOG_DELIVERY = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
];

const TRACING = [
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
];

function numbersOf({ results }: JobRecords): pulumi.Output<string> {
  return pulumi.interpolate`${results.bucket.arn}/${NUMBERS_PREFIX}*`;
}
