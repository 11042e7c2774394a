/**
 * The verdict of an update on an item. Pure: the same item gets the same verdict, so a page that is repeated after a crash
 * meets its own writes and counts them as `already`.
 *
 *   item ─► as wanted?     ─► already
 *      └──► onlyIf false?  ─► skipped
 *      └──► attribute of a template missing? ─► skipped, or failed
 *      └──► more than DynamoDB takes?        ─► failed
 *      └──► change
 */
import type { Path } from "../../aws/expressions/path";
import { attributeOf } from "../../aws/expressions/path";
import { sameValue } from "../../aws/expressions/sameValue";
import type { Item } from "../../aws/itemSize";

export type UpdateVerdict = Change | Count | Failure;

/** A change to be made if nothing that it depends on has changed. */
export interface Change {
  readonly do: "change";
  /** Attributes that get a new value. */
  readonly set: Item;
  /** Existing attributes that are removed. */
  readonly remove: readonly string[];
  /** All paths that the verdict depends on, each once. */
  readonly read: readonly Path[];
}

export interface Count {
  readonly do: "count";
  readonly outcome: "already" | "skipped";
}

export interface Failure {
  readonly do: "fail";
  readonly code: string;
  /** A sentence. */
  readonly reason: string;
}

export interface ItemUpdate {
  verdict(item: Item): UpdateVerdict;
}

export const ALREADY: Count = { do: "count", outcome: "already" };
export const SKIPPED: Count = { do: "count", outcome: "skipped" };

export function failure(code: string, reason: string): Failure {
  return { do: "fail", code, reason };
}

/** The part of `set` that the item doesn't have yet. */
export function unlike(item: Item, set: Item): Item {
  return Object.fromEntries(Object.entries(set).filter(([name, value]) => !sameValue(attributeOf(item, name), value)));
}

/** The part of `remove` that the item still has. */
export function present(item: Item, remove: readonly string[]): readonly string[] {
  return remove.filter((name) => Object.hasOwn(item, name));
}
