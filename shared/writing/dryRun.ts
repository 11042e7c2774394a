/** The effect that a page of writes would have, without a write. Pure. */
import { dynamoJson } from "../aws/dynamoJson";
import { type Item, itemBytes } from "../aws/itemSize";
import { addConsumption, type Consumption, nothing } from "../capacity/metering/consumption";
import type { TableSchema } from "../tables/schema";
import { writeConsumption } from "../tables/writeConsumption";
import { applied } from "./applied";
import type { Change, Decide } from "./conditionalWrite";
import type { Settled } from "./settleItems";
import { type Example, MOST_EXAMPLES } from "./written";

export interface DryRun {
  readonly settled: Settled[];
  /** The consumption that the writes would have on table and indexes. */
  readonly consumed: Consumption;
  readonly examples: readonly Example[];
}

/** An example keeps items up to this size, bytes; a job's result has 20 of them. */
const MOST_EXAMPLE_BYTES = 1_024;

/**
 * Decides on each item as it was read. Changes before the real job are not foreseen.
 * @param keyOf finds the key of an item as it was read. @param examples so far; up to 20 in all.
 */
export function dryRun(
  items: readonly Item[],
  decide: Decide,
  keyOf: (item: Item) => Item,
  target: TableSchema,
  examples: readonly Example[] = [],
): DryRun {
  let consumed: Consumption = nothing;
  const found = [...examples];
  const settled = items.map((item): Settled => {
    const verdict = decide(item);
    const key = keyOf(item);
    if (verdict.do === "count") return { item, key, outcome: verdict.outcome };
    if (verdict.do === "fail") {
      const { code, reason } = verdict;
      return { item, key, outcome: "failed", failure: { code, reason, attempts: 0 } };
    }
    const { before, after } = around(item, verdict.write.change);
    consumed = addConsumption(consumed, writeConsumption(before, after, target));
    if (found.length < MOST_EXAMPLES) found.push(exampleOf(item, after));
    return { item, key, outcome: "updated" };
  });
  return { settled, consumed, examples: found };
}

/** The item in the table before and after a change. The item that a put replaces is not known, and counts as none. */
function around(item: Item, change: Change): { before: Item | undefined; after: Item | undefined } {
  if (change.kind === "delete") return { before: item, after: undefined };
  if (change.kind === "put") return { before: undefined, after: change.item };
  return { before: item, after: applied(item, change.set, change.remove) };
}

function exampleOf(before: Item, after: Item | undefined): Example {
  return { before: shown(before), ...(after !== undefined && { after: shown(after) }) };
}

/** The item as DynamoDB JSON; for a large item, only its names and sizes. */
function shown(item: Item): object {
  if (itemBytes(item) <= MOST_EXAMPLE_BYTES) return JSON.parse(dynamoJson(item)) as object;
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      const bytes = itemBytes({ [name]: value });
      return [name, bytes <= 100 ? JSON.parse(dynamoJson({ [name]: value }))[name] : `${bytes} bytes`];
    }),
  );
}
