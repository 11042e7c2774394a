/** What workers read sources with, apart from the kinds, so that their bundle has nothing of how jobs are prepared. */
import type { SourceReader } from "./source";
import type { SourceSpec } from "./specs";
import { tableReader } from "./table/tableReader";

const sourceReaders: readonly SourceReader<SourceSpec>[] = [tableReader];

/** The reader of a job's source. */
export function sourceReader({ kind }: Pick<SourceSpec, "kind">): SourceReader<SourceSpec> {
  return sourceReaders.find((each) => each.kind === kind)!;
}
