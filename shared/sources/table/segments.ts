/** The automatic number of segments of a table. Pure. */

/**
 * The most that a job can have. Scan itself takes 1,000,000 segments; starting a job sends a message for each, and
 * its end reads a record for each.
 */
export const MOST_SEGMENTS = 100_000;

/** AWS's advice for parallel scans: begin with one segment for each 2 GB. */
const BYTES_PER_SEGMENT = 2 * 1024 ** 3;
/**
 * RCU/s that one segment reaches by itself, cautiously: a page of 1 MB is 128 RCU and takes about 0.2 s with operation and
 * checkpoint.
 */
const RCU_PER_SEGMENT = 500;
/** Segments to each one that is worked on, so that the last ones are short and end nearly together. */
const SPARE = 4;
/** A segment smaller than one page only costs messages. */
const LEAST_BYTES = 1024 ** 2;

/**
 * The larger of what size and what rate ask for, but no segment below 1 MB.
 *
 * @param bytes size of table or index; 0: not known, then the rate alone decides.
 * @param rcu RCU/s that all workers together may consume.
 */
export function automaticSegments(bytes: number, rcu: number): number {
  const bySize = Math.ceil(bytes / BYTES_PER_SEGMENT);
  const byRate = SPARE * Math.ceil(rcu / RCU_PER_SEGMENT);
  const worthwhile = bytes === 0 ? MOST_SEGMENTS : Math.max(1, Math.floor(bytes / LEAST_BYTES));
  return Math.min(MOST_SEGMENTS, worthwhile, Math.max(bySize, byRate));
}
