/** Turns an operation's verdict on an item into a write that happens only if everything that was read is unchanged. Pure. */
import { type Path, valueAt } from "../aws/expressions/path";
import type { Item } from "../aws/itemSize";
import type { TableSchema } from "../tables/schema";
import type { Decide, Seen } from "./conditionalWrite";
import { keyOf } from "./itemKey";
import type { ItemUpdate } from "./update/itemUpdate";

export function decideBy(update: ItemUpdate, target: TableSchema): Decide {
  return (item) => {
    const verdict = update.verdict(item);
    if (verdict.do !== "change") return verdict;
    const { set, remove, read } = verdict;
    const seen = seenIn(item, read, target);
    return { do: "write", write: { key: keyOf(item, target), change: { kind: "update", set, remove }, seen } };
  };
}

/** The values of an item at paths. Key attributes never change, so they are left out. */
export function seenIn(item: Item, paths: readonly Path[], { keys }: Pick<TableSchema, "keys">): Seen[] {
  const seen: Seen[] = [];
  for (const path of paths) if (!keys.includes(path[0])) seen.push({ path, value: valueAt(item, path) });
  return seen;
}

/** On how many paths a write can depend: an expression may have 4 KB and 300 operators. */
export const MOST_PATHS = 100;

/** The attributes of an item, for a write that depends on all of them: the first 100. */
export function attributePaths(item: Item): Path[] {
  return Object.keys(item)
    .slice(0, MOST_PATHS)
    .map((name) => [name]);
}
