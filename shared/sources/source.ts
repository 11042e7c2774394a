/** Where a unit's items come from, page by page. */
import type { Item } from "../aws/itemSize";
import type { Cursor } from "../jobs/unit";

export interface SourcePage {
  /** The items that passed the filter, as the source has them. */
  readonly items: readonly Item[];
  /** Items read, before the filter. */
  readonly scannedItems: number;
  /** Where the next page starts; undefined behind the last. */
  readonly cursor: Cursor | undefined;
  /** Read units it consumed. 0 where reading costs none. */
  readonly rcu: number;
}

export interface Source {
  /** Reads the page that starts at `cursor`; waits for capacity where there is a limit. */
  read(cursor: Cursor | undefined, signal: AbortSignal): Promise<SourcePage>;
}
