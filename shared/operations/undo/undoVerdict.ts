/** The write that undoes another one. Pure. */
import { attributeOf } from "../../aws/expressions/path";
import type { Item } from "../../aws/itemSize";
import type { TableSchema } from "../../tables/schema";
import { type BeforeRecord, changedNames, isAsBefore, isAsLeft } from "../../writing/before/beforeRecord";
import type { Decide, Seen, Verdict } from "../../writing/conditionalWrite";
import { attributePaths, seenIn } from "../../writing/decideBy";

/** @param there the item as it is now; needed for items that were put. */
export function undoVerdict(record: BeforeRecord, target: TableSchema, there: Item | undefined): Verdict {
  const { key } = record;
  if (record.change === "update") {
    const write = { key, change: formerValues(record), seen: leftValues(record) };
    return { do: "write", write, met: metBy(record) };
  }
  if (record.change === "delete") {
    return { do: "write", write: { key, change: { kind: "put", item: record.before }, seen: [] }, met: metBy(record) };
  }
  if (there === undefined) return { do: "count", outcome: "gone" };
  if (!isAsLeft(record, there)) return { do: "count", outcome: "conflict" };
  const seen = seenIn(there, attributePaths(there), target);
  return { do: "write", write: { key, change: { kind: "delete", before: there }, seen }, met: metBy(record) };
}

type Updated = Extract<BeforeRecord, { change: "update" }>;

function formerValues(record: Updated) {
  const remove = changedNames(record).filter((name) => !Object.hasOwn(record.before, name));
  return { kind: "update", set: record.before, remove } as const;
}

function leftValues(record: Updated): Seen[] {
  return changedNames(record).map((name) => ({ path: [name], value: attributeOf(record.set, name) }));
}

/** The item exists, but not as the job left it. */
function metBy(record: BeforeRecord): Decide {
  return (there) => ({ do: "count", outcome: isAsBefore(record, there) ? "already" : "conflict" });
}
