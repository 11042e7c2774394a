/** The job's result, which its operation computes from the results of all units. */
import type { Job } from "../jobs/job";
import { readUnits } from "../jobs/storage/reading";
import type { FinishedJob, Tools } from "../operations/operation";
import { sourceReader } from "../sources/readers";
import { operationOf } from "./operationTools";
import { unitResults } from "./unitResults";
import type { WorkParts } from "./workParts";

export async function resultOf(job: Job, tools: Tools, parts: WorkParts): Promise<unknown> {
  const { dynamodb, jobsTable } = parts;
  const units = readUnits(dynamodb, jobsTable, job.id, { ConsistentRead: true, retry: tools.retry });
  return operationOf(job, parts).finish?.(finishedJob(job), unitResults(units, job.units), tools);
}

function finishedJob({ id, createdAt, operation, work, identity, source, units }: Job): FinishedJob {
  const scope = Object.entries(scopeOf(source)).filter(([, value]) => value !== undefined);
  const { arn, id: tableId } = identity;
  const sample = sourceReader(source).sampleOf(source, units);
  return {
    id,
    createdAt,
    params: operation.params,
    table: {
      name: work.table,
      ...(arn === undefined ? {} : { arn }),
      ...(tableId === undefined ? {} : { id: tableId }),
    },
    ...(sample && { sample }),
    scope: Object.fromEntries(scope) as Record<string, string>,
  };
}

/** The part of the table that the source covers; empty: the whole table. */
function scopeOf(source: Job["source"]): Record<string, string | undefined> {
  if (source.kind === "table") {
    const { index, filter, projection } = source;
    return { index, filter, projection };
  }
  return { source: source.kind };
}
