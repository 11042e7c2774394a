/** The options with which a job was started, as names and texts. Pure. */
import { driverOf, type Job } from "../../../shared/jobs/job";
import { prefixesOf } from "../../../shared/operations/prefixes";
import { sourceText } from "../../start/cloneRequest";
import { moment } from "../../text/format";
import { toJson } from "../../text/json";

type Fact = readonly [name: string, text: string];

/** @param bucket the results bucket */
export function factsOf(job: Job, bucket: string): Fact[] {
  const { source, work, operation, execution, createdAt, endedAt, limitGroup } = job;
  const prefixes = prefixesOf(work.operation, { id: job.id, params: operation?.params ?? {} });
  return [
    ["Started", moment(createdAt)],
    ...one("Ended", endedAt === undefined ? undefined : moment(endedAt)),
    ...(source === undefined ? [] : sourceFacts(source)),
    ["Driver", driverOf(job)],
    ...one("Execution", execution),
    ...one("Limit group", limitGroup),
    ...Object.entries(operation?.params ?? {}).map(([name, value]): Fact => [name, textOf(value)]),
    ["Results", prefixes.map((prefix) => `s3://${bucket}/${prefix}`).join(" and ")],
  ];
}

function sourceFacts(source: Job["source"]): Fact[] {
  if (source.kind !== "table") return one("Source", sourceText(source));
  return [
    ["Source", source.index === undefined ? `table ${source.table}` : `index ${source.index} of ${source.table}`],
    ...(source.consistentRead ? [["Reads", "strongly consistent"] as const] : []),
    ...one("Filter", source.filter),
    ...one("Projection", source.projection),
    ...one("Names", source.names && textOf(source.names)),
    ...one("Values", source.values && textOf(source.values)),
  ];
}

function one(name: string, text: string | undefined): Fact[] {
  return text === undefined ? [] : [[name, text]];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : toJson(value);
}
