/**
 * The record of one write, for its undo: the values that it leaves in the item, and the former ones. Pure.
 *
 * A record is a line of DynamoDB JSON, in the form of an item:
 * `{"change":{"S":"update"},"key":{"M":…},"set":{"M":…},"remove":{"L":[{"S":"Old"}]},"before":{"M":…}}`.
 */
import { attributeOf } from "../../aws/expressions/path";
import { sameItem, sameValue } from "../../aws/expressions/sameValue";
import type { Item } from "../../aws/itemSize";
import { SluiceError } from "../../errors";
import type { ConditionalWrite } from "../conditionalWrite";

/**
 * `update`: `before` has the former values of the attributes that are set and removed; an attribute that it lacks did not
 * exist. `delete`: `before` is the whole item. `put`: there was no item.
 */
export type BeforeRecord =
  | {
      readonly change: "update";
      readonly key: Item;
      readonly set: Item;
      readonly remove: readonly string[];
      readonly before: Item;
    }
  | { readonly change: "delete"; readonly key: Item; readonly before: Item }
  | { readonly change: "put"; readonly key: Item; readonly item: Item };

/** @throws SluiceError FORMER_VALUE_UNKNOWN: the write changes attributes that the decision did not read. */
export function recordOf({ key, change, seen }: ConditionalWrite): BeforeRecord {
  if (change.kind === "put") return { change: "put", key, item: change.item };
  if (change.kind === "delete") {
    if (change.before === undefined) throw unknown(key, "the item");
    return { change: "delete", key, before: change.before };
  }
  const { set, remove } = change;
  const values = new Map(seen.flatMap(({ path, value }) => (path.length === 1 ? [[path[0], value] as const] : [])));
  const before = [...Object.keys(set), ...remove].flatMap((name) => {
    if (!values.has(name)) throw unknown(key, name);
    const value = values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { change: "update", key, set, remove, before: Object.fromEntries(before) };
}

/** A write's conditions contain the former values. */
function unknown(key: Item, what: string): SluiceError {
  const message = `A write must be conditional on all that it changes if former values are kept, but ${what} is not.`;
  return new SluiceError("FORMER_VALUE_UNKNOWN", message, { value: key });
}

/** Whether an item is as the write leaves it. Undefined: there is no item. */
export function isAsLeft(record: BeforeRecord, there: Item | undefined): boolean {
  if (record.change === "delete") return there === undefined;
  if (there === undefined) return false;
  if (record.change === "put") return sameItem(there, record.item);
  const { set, remove } = record;
  return (
    remove.every((name) => !Object.hasOwn(there, name)) &&
    Object.keys(set).every((name) => sameValue(attributeOf(there, name), set[name]))
  );
}

/** Whether everything in the item that the write changes is as it was before. */
export function isAsBefore(record: BeforeRecord, there: Item | undefined): boolean {
  if (record.change === "put") return there === undefined;
  if (there === undefined) return false;
  if (record.change === "delete") return sameItem(there, record.before);
  return changedNames(record).every((name) => sameValue(attributeOf(there, name), attributeOf(record.before, name)));
}

/** Names of the attributes that an update changes. */
export function changedNames({ set, remove }: Extract<BeforeRecord, { change: "update" }>): string[] {
  return [...Object.keys(set), ...remove];
}

/** The record in the form of an item. */
export function recordItem(record: BeforeRecord): Item {
  const common = { change: { S: record.change }, key: { M: record.key } };
  if (record.change === "put") return { ...common, item: { M: record.item } };
  const before = { M: record.before };
  if (record.change === "delete") return { ...common, before };
  const remove = record.remove.map((S) => ({ S }));
  return { ...common, set: { M: record.set }, remove: { L: remove }, before };
}

/** @throws SluiceError RECORD_INVALID */
export function recordIn({ change, key, set, remove, before, item }: Item): BeforeRecord {
  if (key?.M !== undefined) {
    if (change?.S === "put" && item?.M) return { change: "put", key: key.M, item: item.M };
    if (change?.S === "delete" && before?.M) return { change: "delete", key: key.M, before: before.M };
    if (change?.S === "update" && set?.M && remove?.L && before?.M) {
      const names = remove.L.map(({ S = "" }) => S);
      return { change: "update", key: key.M, set: set.M, remove: names, before: before.M };
    }
  }
  throw new SluiceError("RECORD_INVALID", "A record of former values must be one that a job has kept.");
}
