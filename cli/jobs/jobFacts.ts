/** What a job was started with, as names and texts. Pure. */
import { driverOf, type Job } from "../../shared/jobs/job";
import { prefixesOf } from "../../shared/operations/prefixes";
import { sourceText } from "../../shared/sources/sourceText";
import { moment } from "../text/format";
import { toJson } from "../text/json";

type Fact = readonly [name: string, text: string];

/** @param bucket the results bucket */
export function factsOf(job: Job, bucket: string): Fact[] {
  const { execution, createdAt, endedAt, limitGroup } = job;
  return [
    ["Started", moment(createdAt)],
    ...one("Ended", endedAt === undefined ? undefined : moment(endedAt)),
    ...requestFacts(job),
    ["Driver", driverOf(job)],
    ...one("Execution", execution),
    ...one("Limit group", limitGroup),
    ["Results", resultPlaces(job, bucket).join(" and ")],
  ];
}

/** What the job reads, and the parameters of its operation. */
export function requestFacts({ source, operation }: Job): Fact[] {
  return [
    ...(source === undefined ? [] : sourceFacts(source)),
    ...Object.entries(operation?.params ?? {}).map(([name, value]): Fact => [name, textOf(value)]),
  ];
}

/** Where the job's objects are, `s3://…/` each. @param bucket the results bucket */
export function resultPlaces({ id, work, operation }: Job, bucket: string): string[] {
  const prefixes = prefixesOf(work.operation, { id, params: operation?.params ?? {} });
  return prefixes.map((prefix) => `s3://${bucket}/${prefix}`);
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
