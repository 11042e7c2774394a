/** Rebuilds the results table from the markers and the raw bodies. */
import { ConditionalCheckFailedException, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { inBatches } from "../../../shared/aws/batches";
import type { StoredResult } from "../resultItem";
import type { Desk } from "./desk";
import { scanItems, scanMarkers } from "./markers";
import { readResult } from "./participant";
import {
  type Difference,
  differences,
  holdsAnswersOf,
  isStored,
  type MarkerSum,
  rebuildWrite,
  rebuiltItem,
  withMarker,
} from "./rebuiltItem";
import { readCounted } from "./submissionRows";

/**
 * A finding about a participant, and what was done.
 *
 * - `differs`: in a dry run. `rebuilt`: it differed, and was made right.
 * - `unknown`: the body of the latest submission is gone, and the item doesn't hold its answers. The answers stay as they
 *   are; the counts are right, or corrected.
 * - `no_markers`: an item without markers, so that its right content is unknown. It stays as it is.
 * - `erase_unfinished`: an erased participant of whom markers are left: `participant erase` has to run again.
 * - `busy`: new submissions arrived during every pass. The item stays as it is.
 */
export type FindingState = "differs" | "rebuilt" | "unknown" | "no_markers" | "erase_unfinished" | "busy";

export interface Finding {
  participant: string;
  state: FindingState;
  differences: Difference[];
  /** For `unknown`: the submission whose body is gone. */
  submission?: string;
}

export interface RebuildSummary {
  /** Participants with a marker or with an item of the store function, without erased ones. */
  participants: number;
  /** Markers. */
  submissions: number;
  erased: number;
  /** Participants whose answers could not be checked because the body is gone, but belong to the right submission. */
  unchecked: number;
  /** Findings by state. */
  findings: Partial<Record<FindingState, number>>;
}

export interface RebuildOptions {
  desk: Desk;
  /** True: change nothing. */
  dryRun: boolean;
  /** Called once for each finding. */
  report: (finding: Finding) => void;
}

/** Passes over the markers before a participant who keeps sending is given up. */
const PASSES = 10;
/** Participants checked at once. */
const BATCH = 25;
const CONCURRENCY = 2;

type Sums = Map<string, MarkerSum>;
/** Items that seemed to differ, as they were read; undefined: there was no item. */
type Suspects = Map<string, StoredResult | undefined>;

/**
 * Submissions may arrive meanwhile. An item is judged by markers that were read *after* it: then they are all that it
 * counted. So the first pass only finds suspects; each further pass reads the markers again, judges the suspects, and
 * writes under the condition that the item is still as it was. An item that has changed is a suspect in the next pass.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildSummary> {
  const run = new Rebuild(options);
  let suspects = await run.firstPass();
  for (let pass = 1; suspects.size > 0 && pass <= PASSES; pass++) suspects = await run.judge(suspects);
  run.giveUp(suspects);
  return run.summary;
}

class Rebuild {
  readonly summary: RebuildSummary = { participants: 0, submissions: 0, erased: 0, unchecked: 0, findings: {} };
  readonly #options: RebuildOptions;

  constructor(options: RebuildOptions) {
    this.#options = options;
  }

  async firstPass(): Promise<Suspects> {
    const { desk } = this.#options;
    const sums = await this.#sumMarkers(() => true);
    for (const { count } of sums.values()) this.summary.submissions += count;
    const missing = new Set(sums.keys());
    const suspects: Suspects = new Map();
    await inBatches(scanItems(desk, desk.resultsTable), { size: BATCH, concurrency: CONCURRENCY }, (items) =>
      Promise.all(
        items.map(async (item) => {
          const userId = item.user_id?.S ?? "";
          missing.delete(userId);
          if (await this.#isSuspect(userId, sums.get(userId), item)) suspects.set(userId, item);
        }),
      ),
    );
    for (const userId of missing) {
      this.summary.participants++;
      suspects.set(userId, undefined);
    }
    return suspects;
  }

  /** @returns the items to judge again, because they have changed meanwhile. */
  async judge(suspects: Suspects): Promise<Suspects> {
    const sums = await this.#sumMarkers((userId) => suspects.has(userId));
    const again: Suspects = new Map();
    await inBatches(suspects, { size: BATCH, concurrency: CONCURRENCY }, (batch) =>
      Promise.all(
        batch.map(async ([userId, item]) => {
          if (!(await this.#settle(userId, sums.get(userId), item))) {
            again.set(userId, await readResult(this.#options.desk, userId));
          }
        }),
      ),
    );
    return again;
  }

  giveUp(suspects: Suspects): void {
    for (const participant of suspects.keys()) this.#report({ participant, state: "busy", differences: [] });
  }

  async #isSuspect(userId: string, sum: MarkerSum | undefined, item: StoredResult): Promise<boolean> {
    if (item.erased_at !== undefined) {
      this.summary.erased++;
      return sum !== undefined;
    }
    if (sum === undefined && !isStored(item)) return false;
    this.summary.participants++;
    if (sum === undefined) return true;
    const latest = await this.#latestOf(sum);
    const unknown = latest === "unknown";
    if (unknown && holdsAnswersOf(item, sum.latest!)) this.summary.unchecked++;
    else if (unknown) return true;
    return differences(item, rebuiltItem(userId, sum, latest, item)).length > 0;
  }

  /** @returns false if the item has changed since it was read. */
  async #settle(userId: string, sum: MarkerSum | undefined, item: StoredResult | undefined): Promise<boolean> {
    if (item?.erased_at !== undefined) {
      if (sum !== undefined) this.#report({ participant: userId, state: "erase_unfinished", differences: [] });
      return true;
    }
    if (sum === undefined) {
      // Without marker and item: erased by hand since the first pass.
      if (item !== undefined) this.#report({ participant: userId, state: "no_markers", differences: [] });
      return true;
    }
    const latest = await this.#latestOf(sum);
    const rebuilt = rebuiltItem(userId, sum, latest, item);
    const found = differences(item, rebuilt);
    const unknown = latest === "unknown" && !holdsAnswersOf(item, sum.latest!);
    if (found.length === 0 && !unknown) return true;
    if (!(await this.#apply(userId, rebuilt, item, found))) return false;
    const state = unknown ? "unknown" : this.#options.dryRun ? "differs" : "rebuilt";
    const submission = unknown ? { submission: sum.latest!.submission } : {};
    this.#report({ participant: userId, state, differences: found, ...submission });
    return true;
  }

  /** Corrects the item, unless this is a dry run. @returns false if the item has changed since it was read. */
  async #apply(
    userId: string,
    rebuilt: StoredResult,
    item: StoredResult | undefined,
    found: readonly Difference[],
  ): Promise<boolean> {
    const { desk, dryRun } = this.#options;
    if (!dryRun && found.length > 0) {
      return send(desk, rebuildWrite(desk.resultsTable, rebuilt, item, found), rebuilt);
    }
    const now = await readResult(desk, userId);
    return (now === undefined) === (item === undefined) && differences(item, now ?? {}).length === 0;
  }

  async #latestOf({ latest }: MarkerSum) {
    if (latest === undefined) return undefined;
    const body = await readCounted(this.#options.desk, latest);
    return typeof body === "object" ? body : "unknown";
  }

  async #sumMarkers(wanted: (userId: string) => boolean): Promise<Sums> {
    const sums: Sums = new Map();
    for await (const marker of scanMarkers(this.#options.desk)) {
      if (wanted(marker.userId)) sums.set(marker.userId, withMarker(sums.get(marker.userId), marker));
    }
    return sums;
  }

  #report(finding: Finding): void {
    const { findings } = this.summary;
    findings[finding.state] = (findings[finding.state] ?? 0) + 1;
    this.#options.report(finding);
  }
}

/**
 * A retry after a lost answer meets the item that the first attempt wrote.
 * @returns false if the condition was not met, and the item isn't as it should be.
 */
async function send(
  { dynamodb, retry }: Desk,
  write: ReturnType<typeof rebuildWrite>,
  rebuilt: StoredResult,
): Promise<boolean> {
  try {
    await retry<unknown>(() =>
      "Put" in write
        ? dynamodb.send(new PutItemCommand(write.Put))
        : dynamodb.send(new UpdateItemCommand(write.Update)),
    );
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return error.Item !== undefined && differences(error.Item, rebuilt).length === 0;
  }
}
