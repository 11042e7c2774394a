import type { WireItem } from "../wire";

/** A table's part of a batch: the keys and options of reads, or writes. */
type Keys = { Keys: WireItem[] };
type Requests = Record<string, Keys | object[]>;

/**
 * The part of a batch whose pieces are chosen, in the form of `RequestItems`, which is also that of `UnprocessedItems` and
 * `UnprocessedKeys`. `chosen` is asked for each piece by its place in the whole batch.
 */
export function partOfBatch(requestItems: unknown, chosen: (place: number) => boolean): Requests {
  let place = 0;
  const part: Requests = {};
  for (const [table, requests] of Object.entries(requestItems as Requests)) {
    if (Array.isArray(requests)) {
      const writes = requests.filter(() => chosen(place++));
      if (writes.length > 0) part[table] = writes;
    } else {
      const keys = requests.Keys.filter(() => chosen(place++));
      if (keys.length > 0) part[table] = { ...requests, Keys: keys };
    }
  }
  return part;
}

/** Joins the pieces that DynamoDB left unprocessed and those that were refused, table by table. */
export function joinBatches(left: unknown, refused: Requests): Requests {
  const joined: Requests = { ...(left as Requests) };
  for (const [table, requests] of Object.entries(refused)) {
    const before = joined[table];
    if (before === undefined) joined[table] = requests;
    else if (Array.isArray(requests)) joined[table] = [...(before as object[]), ...requests];
    else joined[table] = { ...requests, Keys: [...(before as Keys).Keys, ...requests.Keys] };
  }
  return joined;
}
