/** The items of a backfill soak. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { seededRandom } from "../../local/faults/random";
import { type Item, itemBytes } from "../../shared/aws/itemSize";

/** An item has 400 KB at most. */
export const MOST_ITEM_BYTES = 409_600;
/** A sort key has at most this many bytes. */
export const MOST_SORT_KEY_BYTES = 1_024;

/**
 * The flaw of an item. `large`: so close to 400 KB that nothing can be added; `longStatus`: too long for a key;
 * `emptyOwner`: an empty text, which no key may be; `noOwner`: the attribute is missing.
 */
export type Flaw = "large" | "longStatus" | "emptyOwner" | "noOwner";

const EVERY = 100;
const LARGE_EVERY = 700;
const MOST_LARGE = 8;
/** Bytes that are left to a large item. */
const LEFT_BYTES = 4;

/** The flaw of the n-th item; undefined: none. */
export function flawOf(n: number): Flaw | undefined {
  if (n % LARGE_EVERY === 7 && n < MOST_LARGE * LARGE_EVERY) return "large";
  return ({ 11: "longStatus", 13: "emptyOwner", 17: "noOwner" } as const)[n % EVERY];
}

export const idOf = (n: number): string => `item-${n}`;

/** The n-th item. */
export function itemOf(n: number, seed: number): Item {
  const flaw = flawOf(n);
  const item: Record<string, AttributeValue> = { ...soundItem(idOf(n), seededRandom(seed * 1_000_003 + n)) };
  // Chosen so that no job deletes it, and the first job changes it.
  if (flaw !== undefined) {
    item.Old = { S: "no" };
    delete item.GSISK;
  }
  if (flaw === "longStatus") item.Status = { S: "s".repeat(MOST_SORT_KEY_BYTES) };
  if (flaw === "emptyOwner") item.Owner = { S: "" };
  if (flaw === "noOwner") delete item.Owner;
  if (flaw === "large") {
    delete item.Legacy;
    item.Pad = { S: "" };
    item.Pad = { S: "x".repeat(MOST_ITEM_BYTES - LEFT_BYTES - itemBytes(item)) };
  }
  return item;
}

/** An item without flaw. */
export function soundItem(id: string, random: () => number): Item {
  const below = (bound: number) => Math.floor(random() * bound);
  const item: Record<string, AttributeValue> = {
    id: { S: id },
    Status: { S: statusOf(random) },
    Timestamp: { N: String(below(1_000_000)) },
    Region: { S: `region-${below(20)}` },
    Owner: { S: `owner-${below(1_000)}` },
    Rank: { N: String(below(100)) },
    Hits: { N: String(below(10)) },
    Old: { S: below(5) === 0 ? "yes" : "no" },
    Pad: { S: "p".repeat(below(1_500)) },
  };
  const key = below(10);
  if (key < 3) item.GSISK = { S: `old#${below(1_000)}` };
  if (key === 3) item.GSISK = { S: `own#${below(1_000)}` };
  if (below(2) === 0) item.Legacy = { M: { list: { L: [{ N: "1" }, { BOOL: true }] } } };
  return item;
}

/** An item's status. */
export function statusOf(random: () => number): string {
  return ["open", "paid", "sent", "done", "çà ☀️"][Math.floor(random() * 5)]!;
}
