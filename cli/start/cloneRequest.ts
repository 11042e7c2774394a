/** From a job to the request that would start one like it. Pure. */
import type { Job } from "../../shared/jobs/job";
import { limitOf } from "../../shared/jobs/limits";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { givenAs } from "../failures/redriveRequest";

/** The same operation over the same source at the same rates. The id is left out: the new job gets its own. */
export function cloneRequest(job: Job): StartRequest {
  const { operation, work, driver, limitGroup, source } = job;
  const readRate = limitOf(job, "read")?.limits.table;
  const writeRate = limitOf(job, "write")?.limits.table;
  return {
    operation: operation.name,
    table: work.table,
    ...sourceOptions(source),
    ...(driver && { driver }),
    ...(readRate === undefined ? {} : { readRate }),
    ...(writeRate === undefined ? {} : { writeRate }),
    ...(limitGroup === undefined ? {} : { limitGroup }),
    ...givenAs(operation.name, operation.params),
    // A sample is a param of jobs that change a table.
    ...(typeof operation.params.sample === "string" ? { sample: operation.params.sample } : {}),
  };
}

/** The place of a source, as a request names it: `keys:s3://BUCKET/KEY`. Undefined: the job's table. */
export function sourceText(source: Job["source"]): string | undefined {
  if (source.kind === "table") return undefined;
  const key = source.kind === "keys" ? keyOf(source.list) : source.manifest;
  return `${source.kind}:s3://${source.bucket}/${key}`;
}

type KeyList = Extract<Job["source"], { kind: "keys" }>["list"];

function keyOf(list: KeyList): string {
  return list.form === "object" ? list.key : (list.manifest ?? list.prefix);
}

function sourceOptions(source: Job["source"]): Partial<StartRequest> {
  const place = sourceText(source);
  const consistent = "consistentRead" in source && source.consistentRead ? { consistentRead: true } : {};
  if (source.kind !== "table") return { ...(place !== undefined && { source: place }), ...consistent };
  const { index, filter, projection, names, values } = source;
  return {
    ...consistent,
    ...(index === undefined ? {} : { index }),
    ...(filter === undefined ? {} : { filter }),
    ...(projection === undefined ? {} : { projection }),
    ...(names === undefined ? {} : { names }),
    ...(values === undefined ? {} : { typedValues: values }),
  };
}
