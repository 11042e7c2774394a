/**
 * Capacity units from sizes, for requests whose response doesn't report the consumption.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

export type ReadConsistency = "eventual" | "strong" | "transactional";

/** Read units: one per 4 KB begun when strongly consistent, half of that eventually, twice in a transaction. */
export function readCapacityUnits(bytes: number, consistency: ReadConsistency): number {
  const units = Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES));
  return consistency === "eventual" ? units / 2 : consistency === "strong" ? units : 2 * units;
}

/** The bytes that one request read, from its read units: the true size, rounded up to 4 KB. */
export function readBytes(units: number, consistency: ReadConsistency): number {
  const factor = consistency === "eventual" ? 2 : consistency === "strong" ? 1 : 0.5;
  return units * factor * READ_UNIT_BYTES;
}

/** Write units: one per 1 KB begun, twice in a transaction. */
export function writeCapacityUnits(bytes: number, transactional = false): number {
  const units = Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
  return transactional ? 2 * units : units;
}

/**
 * Write units of a write whose condition failed: by the size of the existing item or of the item to be put, whichever is
 * larger; one unit if no item existed. `0` bytes stand for no item.
 */
export function failedWriteCapacityUnits(existingBytes: number, newBytes: number, transactional = false): number {
  return writeCapacityUnits(Math.max(existingBytes, newBytes), transactional);
}
