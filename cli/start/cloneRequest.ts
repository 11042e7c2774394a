/** The request that would start a job like a given one. Pure. */
import type { Job } from "../../shared/jobs/job";
import { givenRate, limitIn, limitOf } from "../../shared/jobs/limits";
import { type StartRequest, startOptions } from "../../shared/jobs/startRequest";
import { ownOperations } from "../../shared/operations/registry";
import { sourceText } from "../../shared/sources/sourceText";
import { writingOptions } from "../../shared/writing/options";

/** Options that a clone does not take over: it covers all items. */
const LEFT_OUT = ["sample"];

/** The same operation over the same source at the same rates. The id is left out: the new job gets its own. */
export function cloneRequest(job: Job): StartRequest {
  const { operation, work, driver, limitGroup, source } = job;
  const read = limitIn(job, "read");
  const write = limitOf(job, "write");
  return {
    operation: operation.name,
    table: work.table,
    ...sourceOptions(source),
    ...(driver && { driver }),
    ...(read === undefined ? {} : { readRate: givenRate(read) }),
    ...(write === undefined ? {} : { writeRate: givenRate(write) }),
    ...(limitGroup === undefined ? {} : { limitGroup }),
    ...givenAs(operation.name, operation.params),
    // `sample` is a parameter of jobs that change a table.
    ...(typeof operation.params.sample === "string" ? { sample: operation.params.sample } : {}),
  };
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

/** Params in the request's form: options of an operation separately, those of a user's own operation together. */
export function givenAs(operation: string, params: Job["operation"]["params"]): Partial<StartRequest> {
  const declared = Object.hasOwn(ownOperations, operation) ? startOptions : writingOptions;
  const entries = Object.entries(params).filter(([name]) => !LEFT_OUT.includes(name));
  const own = entries.filter(([name]) => !Object.hasOwn(declared, name));
  return {
    ...Object.fromEntries(entries.filter(([name]) => Object.hasOwn(declared, name))),
    ...(own.length === 0 ? {} : { params: Object.fromEntries(own) }),
  };
}
