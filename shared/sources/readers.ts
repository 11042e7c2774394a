/**
 * The readers of sources for workers. They are separate from the kinds, so that workers' bundles leave out the
 * preparation of jobs.
 */
import { exportReader } from "./export/exportReader";
import { keysReader } from "./keys/keysReader";
import { recordsReader } from "./records/recordsReader";
import type { SourceReader } from "./source";
import type { SourceSpec } from "./specs";
import { tableReader } from "./table/tableReader";

type AnyReader = SourceReader<SourceSpec>;

/** Each gets only units of its own kind. */
const sourceReaders = [
  tableReader,
  exportReader,
  keysReader,
  recordsReader,
] as readonly unknown[] as readonly AnyReader[];

/** The reader of a job's source. */
export function sourceReader({ kind }: Pick<SourceSpec, "kind">): SourceReader<SourceSpec> {
  return sourceReaders.find((each) => each.kind === kind)!;
}
