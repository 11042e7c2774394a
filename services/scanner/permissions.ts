/** What the scanner's functions may do: one statement for each thing they do, on no more than what it is done to. */
import * as pulumi from "@pulumi/pulumi";
import { allow, type Statement, TAKE_FROM_QUEUE } from "../../shared/infra/policy";
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
    ...onTables(args, (arn) => [
      allow("DescribeTables", ["dynamodb:DescribeTable"], arn),
      allow("TryExpressions", ["dynamodb:Scan"], withIndexes(arn)),
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
    ...onTables(args, (arn) => [allow("ReadTables", ["dynamodb:Scan"], withIndexes(arn))]),
    allow(
      "KeepResults",
      ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
      pulumi.interpolate`${scanner.resultsBucket.arn}/*`,
    ),
    allow("TellEnds", ["events:PutEvents"], busArn(args)),
    ...(args.operationPermissions ?? []),
  ];
}

/** One statement of each kind for all tables; none where there are none. */
function onTables(args: Reach, statements: (arns: pulumi.Input<string>[]) => Statement[]): Statement[] {
  const { tables, region, accountId } = args;
  const arns = tables.map((table) =>
    typeof table === "string" ? pulumi.interpolate`arn:aws:dynamodb:${region}:${accountId}:table/${table}` : table.arn,
  );
  return arns.length === 0 ? [] : statements(arns);
}

function withIndexes(arns: pulumi.Input<string>[]): pulumi.Input<string>[] {
  return arns.flatMap((arn) => [arn, pulumi.interpolate`${arn}/index/*`]);
}

/** Name of the bus on which jobs' ends are told. */
export function busOf({ eventBus }: Reach): string {
  return eventBus ?? "default";
}

function busArn(args: Reach): pulumi.Output<string> {
  return pulumi.interpolate`arn:aws:events:${args.region}:${args.accountId}:event-bus/${busOf(args)}`;
}
