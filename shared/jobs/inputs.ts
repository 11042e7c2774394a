/** A job's own inputs in the results bucket: an uploaded list, or a table's export that was made for the job. Pure. */
import type { Job } from "./job";
import { numbersPrefix } from "./numbersList";

/** Below it lie lists of keys that were uploaded for a job. */
export function listPrefix(job: string): string {
  return `lists/${job}/`;
}

/** Below it lies the export of a table that was made for a job. */
export function tableExportPrefix(job: string): string {
  return `exports/${job}/`;
}

/** Prefixes of such objects, which are deleted with the job. @param bucket the results bucket. */
export function inputPrefixes(job: Pick<Job, "id" | "source" | "driver">, bucket: string): string[] {
  const { id, driver } = job;
  const numbers = driver === "workflow" ? [numbersPrefix(id)] : [];
  const key = sourceKey(job, bucket);
  return [...[listPrefix(id), tableExportPrefix(id)].filter((prefix) => key?.startsWith(prefix)), ...numbers];
}

/** Undefined: the source isn't in the bucket. */
function sourceKey({ source }: Pick<Job, "source">, bucket: string): string | undefined {
  // Some jobs have only their head left.
  if (source === undefined || source.kind === "table" || source.bucket !== bucket) return undefined;
  return source.kind === "keys" ? keyOf(source.list) : source.manifest;
}

type List = Extract<Job["source"], { kind: "keys" }>["list"];

function keyOf(list: List): string {
  return list.form === "object" ? list.key : (list.manifest ?? list.prefix);
}
