/** Counts items and bytes. */
import { itemBytes } from "../../aws/itemSize";
import type { OperationWork } from "../operation";

export interface Counted {
  /** Items that passed the filter, and their size by the rules DynamoDB meters by (see shared/aws/itemSize.ts). */
  readonly items: number;
  readonly bytes: number;
  /** Items read, filter or not. */
  readonly scannedItems: number;
  /**
   * Their bytes. Without a filter they are as exact as `bytes`. With a filter, the items left out never arrive, so the
   * size of a page comes from its consumption: it is the true size, rounded up to 4 KB.
   */
  readonly scannedBytes: number;
}

export const nothingCounted: Counted = { items: 0, bytes: 0, scannedItems: 0, scannedBytes: 0 };

export const count: OperationWork<Counted> = {
  pure: true,
  page({ items, scannedItems, scannedBytes }, soFar = nothingCounted) {
    let bytes = 0;
    for (const item of items) bytes += itemBytes(item);
    return {
      items: soFar.items + items.length,
      bytes: soFar.bytes + bytes,
      scannedItems: soFar.scannedItems + scannedItems,
      // If nothing was filtered out, the items' own sizes are exact.
      scannedBytes: soFar.scannedBytes + (items.length === scannedItems ? bytes : scannedBytes),
    };
  },
  async finish(_job, results) {
    let total = nothingCounted;
    for await (const { result } of results) if (result !== undefined) total = add(total, result);
    return total;
  },
};

/** Adds two counts up. */
export function add(a: Counted, b: Counted): Counted {
  return {
    items: a.items + b.items,
    bytes: a.bytes + b.bytes,
    scannedItems: a.scannedItems + b.scannedItems,
    scannedBytes: a.scannedBytes + b.scannedBytes,
  };
}
