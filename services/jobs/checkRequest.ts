/** Turns a start request, as it came, into the job it asks for, or into all reasons against it. Starts nothing. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../shared/clock";
import type { Job, JobHead } from "../../shared/jobs/job";
import { type CheckedRequest, invalidRequest, startForm } from "../../shared/jobs/startRequest";
import { operationNamed, operationNames } from "../../shared/operations/registry";
import { isPlainObject } from "../../shared/requestOption";
import { sourceKind } from "../../shared/sources/registry";
import type { SourcePlan } from "../../shared/sources/source";
import { groupProblems, otherJobs } from "./otherJobs";
import { planJob } from "./plan";

export interface CheckOptions {
  readonly dynamodb: DynamoDBClient;
  readonly jobsTable: string;
  readonly clock: Pick<Clock, "now">;
  /** Days after its start for which a job's records are kept. 0: for ever. */
  readonly expirationDays: number;
  /** Most workers that the driver runs at once. */
  readonly mostWorkers: number;
}

export interface CheckedJob {
  readonly job: Job;
  /** Its source's size, identity and capacity. */
  readonly source: SourcePlan;
  /** Jobs already under way on the table. */
  readonly others: readonly JobHead[];
}

/**
 * @param given a StartRequest, as it came. @param newId the id where the request brings none.
 * @throws SluiceError INVALID_REQUEST (`value`: all problems, a sentence each)
 */
export async function checkRequest(given: unknown, newId: string, options: CheckOptions): Promise<CheckedJob> {
  const { dynamodb, clock, expirationDays, mostWorkers } = options;
  const form = startForm(given);
  if (!isPlainObject(given)) throw invalidRequest(form.problems);
  const { table, operation, jobId: id = newId } = form.sound;
  const kind = sourceKind({ kind: "table" });
  const facts = table === undefined ? undefined : await kind.facts(table, dynamodb);
  const job = planJob({
    form,
    kind,
    facts,
    operation: operation === undefined ? undefined : operationNamed(operation),
    operations: operationNames(),
    id,
    now: clock.now(),
    expirationDays,
    mostWorkers,
  });
  const others = await otherJobs(options, job);
  const problems = [...(await kind.probe(job.source, dynamodb)), ...groupProblems(job, others)];
  if (problems.length > 0) throw invalidRequest(problems);
  return { job, source: kind.plan(form.sound as CheckedRequest, facts, job.limits[0]!.limits), others };
}
