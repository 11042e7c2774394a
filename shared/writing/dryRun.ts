/**
 * The effect that a page of writes would have, without a write. Items are settled as in the real job; only the writer differs.
 * It answers each write as DynamoDB would, as far as it looks into the table.
 */
import { dynamoJson } from "../aws/dynamoJson";
import { type Item, itemBytes } from "../aws/itemSize";
import { failedWriteCapacityUnits } from "../capacity/metering/capacityUnits";
import { addConsumption, type Consumption, nothing } from "../capacity/metering/consumption";
import type { TableSchema } from "../tables/schema";
import { writeConsumption } from "../tables/writeConsumption";
import { applied } from "./applied";
import type { Change, ConditionalWrite, ConditionalWriter, Decide, WriteAnswer } from "./conditionalWrite";
import { keyText } from "./keyText";
import type { Found } from "./readItems";
import { type Settled, settleItems } from "./settleItems";
import { type Example, MOST_EXAMPLES } from "./written";

export interface DryRun {
  readonly settled: Settled[];
  /** The consumption that the writes would have on table and indexes. */
  readonly consumed: Consumption;
  readonly examples: readonly Example[];
}

export interface DryRunOptions {
  readonly decide: Decide;
  /** Finds the key of an item as it was read. */
  readonly keyOf: (item: Item) => Item;
  /** The table that the writes would change. */
  readonly target: TableSchema;
  /** Reads the items that puts would meet. Default: nobody looks, and each put counts as that of a new item. */
  readonly lookUp?: LookUp | undefined;
}

/** Reads items of the target by their keys. */
export type LookUp = (keys: readonly Item[]) => Promise<Found>;

/** An example keeps items up to this size, bytes; a job's result has 20 of them. */
const MOST_EXAMPLE_BYTES = 1_024;

/**
 * Decides on each item as it was read, and on those that `lookUp` finds. Changes before the real job are not foreseen.
 * @param examples so far; up to 20 in all.
 */
export async function dryRun(
  items: readonly Item[],
  { decide, keyOf, target, lookUp }: DryRunOptions,
  examples: readonly Example[] = [],
): Promise<DryRun> {
  const writer = new DryWriter(lookUp);
  const settled = await settleItems(items, decide, keyOf, writer);
  let consumed = writer.refused;
  const found = [...examples];
  for (const { written } of settled) {
    if (written === undefined) continue;
    const { before, after } = around(written.before, written.write.change);
    consumed = addConsumption(consumed, writeConsumption(before, after, target));
    if (found.length < MOST_EXAMPLES) found.push(exampleOf(written.before, after));
  }
  return { settled, consumed, examples: found };
}

/** Writes nothing. Its puts meet the items that are there, and those that earlier puts of the page would have made. */
class DryWriter implements ConditionalWriter {
  /** The consumption of the puts that would be refused. */
  refused: Consumption = nothing;
  private readonly there = new Map<string, Item>();

  constructor(private readonly lookUp: LookUp | undefined) {}

  async write(writes: readonly ConditionalWrite[]): Promise<WriteAnswer[]> {
    if (this.lookUp !== undefined) await this.look(writes, this.lookUp);
    return writes.map((write) => this.answer(write));
  }

  private async look(writes: readonly ConditionalWrite[], lookUp: LookUp): Promise<void> {
    const keys = writes.flatMap(({ key, change }) => (change.kind === "put" ? [key] : []));
    const unknown = keys.filter((key) => !this.there.has(keyText(key)));
    if (unknown.length === 0) return;
    for (const [id, item] of await lookUp(unknown)) this.there.set(id, item);
  }

  private answer({ key, change }: ConditionalWrite): WriteAnswer {
    if (change.kind !== "put" || this.lookUp === undefined) return { end: "written" };
    const id = keyText(key);
    const item = this.there.get(id);
    if (item !== undefined) {
      const units = failedWriteCapacityUnits(itemBytes(item), itemBytes(change.item));
      this.refused = addConsumption(this.refused, { table: units });
      return { end: "refused", item };
    }
    this.there.set(id, change.item);
    return { end: "written" };
  }
}

/** The item in the table before and after a change. A put replaces none, as far as anybody knows. */
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
