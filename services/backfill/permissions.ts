/** The permissions of the writing worker: one statement a purpose, on no more than the purpose needs. */
import type * as aws from "@pulumi/aws";
import { allow, type Statement } from "../../shared/infra/policy";
import { queueWorkerPermissions } from "../jobs/permissions";
import type { JobRecords } from "../jobs/records";
import { onTables, type Reach } from "../jobs/tableAccess";

export function workerPermissions(queue: aws.sqs.Queue, records: JobRecords, reach: Reach): Statement[] {
  return [
    ...queueWorkerPermissions(queue, records, reach, false),
    // BatchGetItem reads the items of a list of keys.
    ...onTables(reach, (tables, indexes) => [
      allow("ReadTables", ["dynamodb:DescribeTable", "dynamodb:Scan", "dynamodb:BatchGetItem"], tables),
      allow("ReadIndexes", ["dynamodb:Scan"], indexes),
    ]),
    ...onTables({ ...reach, tables: reach.changedTables ?? [] }, (tables) => [
      allow(
        "ChangeTables",
        [
          // Conditional updates and deletes, 25 in a request; those that PartiQL can't say go one by one.
          ...["dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
          // Copies.
          ...["dynamodb:BatchWriteItem", "dynamodb:PutItem"],
        ],
        tables,
      ),
    ]),
  ];
}
