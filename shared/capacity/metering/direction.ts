/** Which of a table's two capacities a request uses. */
export type Direction = "read" | "write";

/**
 * What a job consumes capacity for: to read its source, to write to the table that it changes, or, in a dry run, to look into
 * that table. A lookup is a read.
 */
export type Purpose = Direction | "lookup";

/** The purpose of a limit. A job has at most one limit for each purpose. */
export function purposeOf(limit: { readonly direction: Direction; readonly purpose?: "lookup" }): Purpose {
  return limit.purpose ?? limit.direction;
}

/**
 * Items per second that the limits on the table that a job changes allow, at one capacity unit an item. Undefined: there is no such
 * limit.
 * @param perSecond capacity units per second of a purpose; undefined: not limited.
 */
export function itemsPerSecond(perSecond: (purpose: Purpose) => number | undefined): number | undefined {
  const [write, lookup] = [perSecond("write"), perSecond("lookup")];
  return write === undefined || lookup === undefined ? (write ?? lookup) : Math.min(write, lookup);
}
