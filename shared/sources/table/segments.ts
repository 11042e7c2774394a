/** The automatic number of segments of a table. Pure. */
import { RCU_PER_WORKER } from "../../capacity/metering/workerSpeed";

/**
 * The most that a job can have. Scan itself takes 1,000,000 segments; a job has a record for each and reads them at its end.
 */
export const MOST_SEGMENTS = 100_000;

/** AWS's advice for parallel scans: begin with one segment for each 2 GB. */
const BYTES_PER_SEGMENT = 2 * 1024 ** 3;
/**
 * Segments to each worker that the rate feeds. A worker takes one segment after the other; once none is left, it has nothing to
 * do while the others end theirs. That tail lasts as long as one segment, a twentieth of the job: 5 % of its duration at most. Each
 * segment costs about three writes of the jobs table, so more of them would buy a shorter tail with more cost.
 */
const SEGMENTS_PER_WORKER = 20;
/** Four full pages, 512 RCU: for less, a segment's own writes and its short last page would count. */
const LEAST_BYTES = 4 * 1024 ** 2;

/**
 * The larger of what size and what rate ask for, but no segment below 4 MB.
 *
 * @param bytes size of table or index; 0: not known, then the rate alone decides.
 * @param rcu RCU/s that all workers together may consume.
 */
export function automaticSegments(bytes: number, rcu: number): number {
  const bySize = Math.ceil(bytes / BYTES_PER_SEGMENT);
  const byRate = SEGMENTS_PER_WORKER * Math.ceil(rcu / RCU_PER_WORKER);
  const worthwhile = bytes === 0 ? MOST_SEGMENTS : Math.max(1, Math.floor(bytes / LEAST_BYTES));
  return Math.min(MOST_SEGMENTS, worthwhile, Math.max(bySize, byRate));
}
