/** The permissions of the reading worker: one statement a purpose, on no more than the purpose needs. */
import type * as aws from "@pulumi/aws";
import { allow, type Statement } from "../../shared/infra/policy";
import { queueWorkerPermissions } from "../jobs/permissions";
import type { JobRecords } from "../jobs/records";
import { onTables, type Reach } from "../jobs/tableAccess";

export function workerPermissions(queue: aws.sqs.Queue, records: JobRecords, reach: Reach): Statement[] {
  return [
    ...queueWorkerPermissions(queue, records, reach, true),
    // The description distinguishes the job's table from another one of the same name.
    ...onTables(reach, (tables, indexes) => [
      allow("ReadTables", ["dynamodb:DescribeTable", "dynamodb:Scan"], tables),
      allow("ReadIndexes", ["dynamodb:Scan"], indexes),
    ]),
  ];
}
