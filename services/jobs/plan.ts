/** From a request and the table's facts to a job, or to all reasons why there is none. Pure. */
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Job, TableSource } from "../../shared/jobs/job";
import { readLimits } from "../../shared/jobs/rate";
import { capacityOf, rcuOf, type TableFacts } from "../../shared/sources/table/facts";
import { automaticSegments } from "../../shared/sources/table/segments";
import { contentProblems, type Judged } from "./problems";
import { type CheckedRequest, invalidRequest, paramsOf } from "./request";

export interface PlanInput extends Judged {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws SluiceError INVALID_REQUEST whose `value` lists every problem, a sentence each, those of the form first. */
export function planJob(input: PlanInput): Job {
  const { form, facts } = input;
  const problems = [...form.problems, ...contentProblems(input)];
  if (problems.length > 0) throw invalidRequest(problems);
  // Where nothing is wrong nothing is missing.
  return jobOf(form.sound as CheckedRequest, facts as TableFacts, input);
}

function jobOf(request: CheckedRequest, facts: TableFacts, { id, now }: PlanInput): Job {
  const { operation, rate, index, totalSegments } = request;
  const capacity = capacityOf(facts, index)!;
  const rcu = rcuOf(rate.rcu, capacity);
  return {
    id,
    source: sourceOf(request),
    operation: { name: operation, params: paramsOf(request) },
    state: "starting",
    units: totalSegments === "auto" ? automaticSegments(capacity.bytes, rcu) : totalSegments,
    unitsDone: 0,
    unitsFailed: 0,
    epoch: 0,
    limits: readLimits(rcu, index),
    mostRcu: capacity.mostRcu,
    tableArn: facts.arn,
    tableId: facts.id,
    estimatedItems: capacity.items,
    estimatedBytes: capacity.bytes,
    createdAt: now,
  };
}

function sourceOf(request: CheckedRequest): TableSource {
  const { table, index, consistentRead, filter, projection, names, values } = request;
  return {
    kind: "table",
    table,
    consistentRead,
    ...(index === undefined ? {} : { index }),
    ...(filter === undefined ? {} : { filter }),
    ...(projection === undefined ? {} : { projection }),
    ...(names === undefined ? {} : { names }),
    ...(values === undefined ? {} : { values: marshall(values) }),
  };
}
