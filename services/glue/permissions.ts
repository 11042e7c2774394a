/** The permissions of the Glue job's role, and of the function that handles the ends of runs: one statement for each purpose. */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allow, type Statement } from "../../shared/infra/policy";
import { taskPermissions } from "../jobs/permissions";
import type { JobRecords } from "../jobs/records";
import type { Reach } from "../jobs/tableAccess";

/** Queues of the workers that end jobs. */
export interface UnitQueues {
  readonly unitQueue: aws.sqs.Queue;
  /** Undefined: no job of the stack changes a table. */
  readonly writingQueue: aws.sqs.Queue | undefined;
}

export interface GlueReach extends UnitQueues {
  readonly records: JobRecords;
  /** The bucket of the script and the package. */
  readonly code: aws.s3.Bucket;
  /** Where runs write. */
  readonly logGroups: readonly aws.cloudwatch.LogGroup[];
}

/** What a run may do: its tasks' work, and what Glue itself does with the run's role. */
export function runPermissions(glue: GlueReach, reach: Reach): Statement[] {
  const { records, code, logGroups } = glue;
  return [
    ...taskPermissions(records, reach),
    ...endJobs(glue),
    allow("ReadCode", ["s3:GetObject"], pulumi.interpolate`${code.arn}/*`),
    allow(
      "WriteLogs",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      logGroups.map(({ arn }) => pulumi.interpolate`${arn}:*`),
    ),
    {
      // A metric has no resource to name: https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html
      ...allow("PutMetrics", ["cloudwatch:PutMetricData"], "*"),
      Condition: { StringEquals: { "cloudwatch:namespace": "Glue" } },
    },
  ];
}

/** Looks at runs, stops the job of one or has it ended, and keeps what the run used. */
export function runEndedPermissions(
  queues: UnitQueues,
  records: JobRecords,
  glueJobArn: pulumi.Input<string>,
): Statement[] {
  return [
    allow("LookAtRuns", ["glue:GetJobRun", "glue:GetJobRuns"], glueJobArn),
    allow(
      "StopJobs",
      [
        ...["dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem"],
        // Stores what the run used, on condition that the job exists.
        ...["dynamodb:PutItem", "dynamodb:ConditionCheckItem"],
      ],
      records.table.arn,
    ),
    ...endJobs(queues),
  ];
}

/** The worker that gets the message ends the job, because all its units have ended. */
function endJobs({ unitQueue, writingQueue }: UnitQueues): Statement[] {
  return [
    allow("EndJobs", ["sqs:SendMessage"], unitQueue.arn),
    ...(writingQueue === undefined ? [] : [allow("EndWriting", ["sqs:SendMessage"], writingQueue.arn)]),
  ];
}
