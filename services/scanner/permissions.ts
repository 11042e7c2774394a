/** What the scanner's functions may do: one statement for each thing they do, on no more than what it is done to. */
import * as pulumi from "@pulumi/pulumi";
import { allow, type BoundedText, type Statement, TAKE_FROM_QUEUE } from "../../shared/infra/policy";
import { tableArn } from "../../shared/infra/policySizes";
import type { TableScanner, TableScannerArgs } from "./component";

type Parts = Pick<TableScanner, "queue" | "startQueue" | "jobsTable" | "resultsBucket">;
type Reach = Pick<TableScannerArgs, "tables" | "region" | "accountId" | "eventBus" | "operationPermissions">;

/** The start function's. */
export function startPermissions(scanner: Parts, args: Reach): Statement[] {
  return [
    allow("TakeFromStartQueue", TAKE_FROM_QUEUE, scanner.startQueue.arn),
    allow("HandOutSegments", ["sqs:SendMessage"], scanner.queue.arn),
    allow(
      "KeepJobs",
      ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
      scanner.jobsTable.arn,
    ),
    // One item is read, so that DynamoDB itself judges filter and projection.
    ...onTables(args, (tables, indexes) => [
      allow("TryTables", ["dynamodb:DescribeTable", "dynamodb:Scan"], tables),
      allow("TryIndexes", ["dynamodb:Scan"], indexes),
    ]),
    allow("TellRefusals", ["events:PutEvents"], busArn(args)),
  ];
}

/** The worker function's. */
export function workerPermissions(scanner: Parts, args: Reach): Statement[] {
  return [
    allow("TakeFromQueue", [...TAKE_FROM_QUEUE, "sqs:SendMessage"], scanner.queue.arn),
    allow(
      "KeepCheckpoints",
      ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
      scanner.jobsTable.arn,
    ),
    ...onTables(args, (tables, indexes) => [
      allow("ReadTables", ["dynamodb:Scan"], tables),
      allow("ReadIndexes", ["dynamodb:Scan"], indexes),
    ]),
    allow(
      "KeepResults",
      ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
      pulumi.interpolate`${scanner.resultsBucket.arn}/*`,
    ),
    allow("TellEnds", ["events:PutEvents"], busArn(args)),
    ...(args.operationPermissions ?? []),
  ];
}

/**
 * One statement of each kind for all tables; none where there are none. Each function names a table once, and its indexes
 * once: a role's policies hold only so many characters.
 */
function onTables(
  { tables, region, accountId }: Reach,
  statements: (tables: BoundedText[], indexes: BoundedText[]) => Statement[],
): Statement[] {
  const arns = tables.map((table) => tableArn(region, accountId, table));
  const indexes = arns.map((arn) => arn.plus("/index/*"));
  return arns.length === 0 ? [] : statements(arns, indexes);
}

/** Name of the bus on which jobs' ends are told. */
export function busOf({ eventBus }: Reach): string {
  return eventBus ?? "default";
}

function busArn(args: Reach): pulumi.Output<string> {
  return pulumi.interpolate`arn:aws:events:${args.region}:${args.accountId}:event-bus/${busOf(args)}`;
}
