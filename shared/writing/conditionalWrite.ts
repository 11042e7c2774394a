/**
 * Changes of single items that happen only if the item is still as it was read.
 *
 *   item ─► decide ─► count it (already, skipped, failed)
 *                 └─► write, on condition ─► written
 *                                        └─► refused: the item as it is now ─► decide again
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Path } from "../aws/expressions/path";
import type { Item } from "../aws/itemSize";
import type { CountedOutcome } from "./outcomes";

/**
 * `update`: sets and removes attributes of an item that must exist. `delete`: deletes an item that must exist; `before`: the
 * item as it was read, if it is to be kept. `put`: puts an item whose key must not exist.
 */
export type Change =
  | { readonly kind: "update"; readonly set: Item; readonly remove: readonly string[] }
  | { readonly kind: "delete"; readonly before?: Item }
  | { readonly kind: "put"; readonly item: Item };

/** A value that was read from an item. Undefined: there was no value. */
export interface Seen {
  readonly path: Path;
  readonly value: AttributeValue | undefined;
}

export interface ConditionalWrite {
  /** Only the key attributes. */
  readonly key: Item;
  readonly change: Change;
  /** The values that must be unchanged. Empty for `put`. */
  readonly seen: readonly Seen[];
}

/** Why an item can't be processed for good. */
export interface Refusal {
  /** Stable, such as `ITEM_TOO_LARGE`; the name of DynamoDB's exception if DynamoDB rejected the item. */
  readonly code: string;
  /** A sentence. */
  readonly reason: string;
}

/**
 * The outcome of a write.
 *
 *   written   it happened; `deleted`: the item that it deleted, where DynamoDB returns it
 *   refused   its condition failed; `item`: the item as it is now, undefined if it doesn't exist; `repeated`: the write was
 *             sent before, perhaps with effect
 *   failed    DynamoDB rejects it for good; `attempts`: how often it was sent
 */
export type WriteAnswer =
  | { readonly end: "written"; readonly deleted?: Item }
  | { readonly end: "refused"; readonly item: Item | undefined; readonly repeated?: boolean }
  | ({ readonly end: "failed"; readonly attempts: number } & Refusal);

export interface ConditionalWriter {
  /**
   * Sends the writes, as many at once as capacity and connections allow. Resolves once all are settled, with the answers in
   * the order of the writes. Transient errors and throttles are retried until the time for work is over. A write that is
   * retried because its answer was lost may meet its own effect: an update is refused with the item as the update left it, a
   * delete without one.
   *
   * @throws an error that isn't the fault of one write (access denied, no such table, out of time, paused).
   */
  write(writes: readonly ConditionalWrite[]): Promise<WriteAnswer[]>;
}

/**
 * The decision on an item. `met`: decides on the item that refused the write. Default: the decider of this write. The default
 * is right if the write concerns the item that was decided on, and wrong if it concerns an item of another table.
 */
export type Verdict =
  | { readonly do: "write"; readonly write: ConditionalWrite; readonly met?: Decide }
  | { readonly do: "count"; readonly outcome: CountedOutcome }
  | ({ readonly do: "fail" } & Refusal);

/** Pure: called again, with the item as it is now, if a write was refused. */
export type Decide = (item: Item) => Verdict;
