/** Which segments of a table a job reads. Pure. */
import { createHash } from "node:crypto";
import { RCU_PER_WORKER } from "../../capacity/metering/workerSpeed";
import type { Sample } from "../sample";

/**
 * Most segments of a job. Scan itself takes 1,000,000, but a job has a record for each and reads them at its end.
 */
export const MOST_SEGMENTS = 100_000;

/** AWS's advice for parallel scans: begin with one segment for each 2 GB. */
const BYTES_PER_SEGMENT = 2 * 1024 ** 3;
/**
 * Segments per worker that the rate feeds. A worker takes one segment after another; once none is left, it is idle while the
 * others finish theirs. That tail lasts as long as one segment: at most 5 % of the job's duration. Each segment costs about
 * three writes to the jobs table, so more segments would shorten the tail at a higher cost.
 */
const SEGMENTS_PER_WORKER = 20;
/** Four full pages, 512 RCU. In a smaller segment, its writes and its short last page would cost a noticeable share. */
const LEAST_BYTES = 4 * 1024 ** 2;

/**
 * The larger of the numbers by size and by rate, but no segment is smaller than 4 MB.
 *
 * @param bytes size of table or index; 0: unknown, then the rate alone decides.
 * @param rcu RCU/s that all workers together may consume.
 */
export function automaticSegments(bytes: number, rcu: number): number {
  const bySize = Math.ceil(bytes / BYTES_PER_SEGMENT);
  const byRate = SEGMENTS_PER_WORKER * Math.ceil(rcu / RCU_PER_WORKER);
  const worthwhile = bytes === 0 ? MOST_SEGMENTS : Math.max(1, Math.floor(bytes / LEAST_BYTES));
  return Math.min(MOST_SEGMENTS, worthwhile, Math.max(bySize, byRate));
}

/** With fewer segments a sample would show little about how much segments differ. */
const LEAST_SAMPLED = 10;

/**
 * The number of units of a sample. Each unit is a segment; the share determines the number of segments of the whole table.
 * So the number of units grows with the table, and no unit is too large.
 *
 * @param share above 0 and below 1. @param segments number of segments for a job over the whole table.
 */
export function sampledUnits(share: number, segments: number): number {
  const most = Math.floor(share * MOST_SEGMENTS);
  return Math.max(1, Math.min(most, Math.max(LEAST_SAMPLED, Math.ceil(share * segments))));
}

/** Into how many segments the table is divided for a sample with this many segments. */
export function segmentsOfSample(units: number, { share }: Pick<Sample, "share">): number {
  return Math.max(units, Math.min(MOST_SEGMENTS, Math.round(units / share)));
}

/** The segment of a unit. The segments of a sample are spread evenly over all segments. */
export function segmentOf(
  unit: number,
  units: number,
  sample: Sample | undefined,
): { Segment: number; TotalSegments: number } {
  if (sample === undefined) return { Segment: unit, TotalSegments: units };
  const all = segmentsOfSample(units, sample);
  return { Segment: Math.floor(((unit + fraction(sample.seed)) * all) / units), TotalSegments: all };
}

/** A number in [0, 1) that depends only on the text. */
function fraction(text: string): number {
  return createHash("md5").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}
