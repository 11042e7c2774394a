/** What workers read sources with, apart from the kinds, so that their bundle has nothing of how jobs are prepared. */
import { exportReader } from "./export/exportReader";
import { keysReader } from "./keys/keysReader";
import { recordsReader } from "./records/recordsReader";
import type { SourceReader } from "./source";
import type { SourceSpec } from "./specs";
import { tableReader } from "./table/tableReader";

type AnyReader = SourceReader<SourceSpec>;

/** Each is only given units of its own kind. */
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
