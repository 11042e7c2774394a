/** Turns an unchecked start request into the job that it asks for, or into all reasons against it. Starts nothing. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../shared/clock";
import type { JobHead } from "../../shared/jobs/job";
import { paramsOf } from "../../shared/jobs/requestProblems";
import { invalidRequest, sourceOf, startForm } from "../../shared/jobs/startRequest";
import { isPlainObject } from "../../shared/json";
import type { OperationDeclaration } from "../../shared/operations/operation";
import { operationNamed, operationNames } from "../../shared/operations/registry";
import { sourceKind } from "../../shared/sources/registry";
import { type Described, describeTable } from "../../shared/tables/facts";
import { groupProblems, otherJobs } from "./otherJobs";
import { type Planned, planJob } from "./plan";
import { sparkProblem, type Target } from "./problems";
import { type Protection, protectionOf } from "./protection";

export interface CheckOptions {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly jobsTable: string;
  /** Names of the tables that jobs may change. */
  readonly changedTables: readonly string[];
  readonly clock: Pick<Clock, "now">;
  /** Days after its start for which a job's records are kept. 0: for ever. */
  readonly expirationDays: number;
  /** Whether the stack has the workflow driver. */
  readonly hasWorkflow: boolean;
  /** Names of the user's own operations that the spark driver knows. Default: the stack has no spark driver. */
  readonly sparkOperations?: readonly string[] | undefined;
  /** The most workers that an operation's driver runs at once. */
  readonly mostWorkers: (operation: string | undefined) => number;
}

export interface CheckedJob extends Planned {
  /** Jobs already under way on the table. */
  readonly others: readonly JobHead[];
  /** Whether the table that the job changes can be restored. Undefined: the job changes no table. */
  readonly protection: Protection | undefined;
  /** Whether the stack has a spark driver that can do the job. */
  readonly canBeSparks: boolean;
}

/**
 * @param given a StartRequest, unchecked. @param newId the id if the request has none.
 * @throws SluiceError INVALID_REQUEST (`value`: all problems, a sentence each)
 */
export async function checkRequest(given: unknown, newId: string, options: CheckOptions): Promise<CheckedJob> {
  const { dynamodb, s3, clock, expirationDays, mostWorkers, hasWorkflow, sparkOperations } = options;
  const form = startForm(given);
  if (!isPlainObject(given)) throw invalidRequest(form.problems);
  const { table: name, operation: operationName, jobId: id = newId } = form.sound;
  const { kind: kindName, location } = sourceOf(form.sound);
  const kind = sourceKind({ kind: kindName });
  const operation = operationName === undefined ? undefined : operationNamed(operationName);
  const table = name === undefined ? undefined : await describeTable(dynamodb, name);
  const changed = name === undefined ? undefined : changedBy(operation, paramsOf(form.sound, operation), name);
  const target = changed === undefined ? undefined : await describeTarget(changed, { name: name!, table }, options);
  const planned = planJob({
    form,
    kind,
    table,
    facts: await kind.facts?.(location, s3),
    target,
    operation,
    operations: operationNames(),
    id,
    now: clock.now(),
    expirationDays,
    mostWorkers: mostWorkers(operationName),
    hasWorkflow,
    sparkOperations,
  });
  const others = await otherJobs(options, planned.job);
  const problems = [
    ...((await kind.probe?.(planned.job.source, dynamodb)) ?? []),
    ...groupProblems(planned.job, others),
  ];
  if (problems.length > 0) throw invalidRequest(problems);
  const canBeSparks =
    sparkOperations !== undefined && sparkProblem({ form, kind, operation }, sparkOperations) === undefined;
  return { ...planned, others, protection: target?.protection, canBeSparks };
}

function changedBy(operation: OperationDeclaration | undefined, params: Record<string, unknown>, table: string) {
  return operation?.changes?.(params, table);
}

async function describeTarget(
  changed: NonNullable<ReturnType<typeof changedBy>>,
  job: { readonly name: string; readonly table: Described | undefined },
  { dynamodb, changedTables }: CheckOptions,
): Promise<Target & { readonly protection?: Protection }> {
  const isOwn = changed.table === job.name;
  if (!changedTables.includes(changed.table)) {
    // A dry run needs to know only the job's own table.
    return { ...changed, described: (isOwn ? job.table : undefined) ?? "denied", access: "denied" };
  }
  const described = (isOwn ? job.table : undefined) ?? (await describeTable(dynamodb, changed.table));
  if (typeof described === "string") return { ...changed, described, access: "allowed" };
  return { ...changed, described, access: "allowed", protection: await protectionOf(changed.table, dynamodb) };
}
