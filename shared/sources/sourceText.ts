import type { SourceSpec } from "./specs";

/** The place of a source, as a request names it: `keys:s3://BUCKET/KEY`. Undefined: the job's table. */
export function sourceText(source: SourceSpec): string | undefined {
  if (source.kind === "table") return undefined;
  const key = source.kind === "keys" ? keyOf(source.list) : source.manifest;
  return `${source.kind}:s3://${source.bucket}/${key}`;
}

type KeyList = Extract<SourceSpec, { kind: "keys" }>["list"];

function keyOf(list: KeyList): string {
  return list.form === "object" ? list.key : (list.manifest ?? list.prefix);
}
