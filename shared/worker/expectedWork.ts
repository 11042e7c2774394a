/** Estimates from the source's size how long a job's work takes at its rates. Pure. */
import { itemsPerSecond, type Purpose } from "../../shared/capacity/metering/direction";
import type { Job } from "../../shared/jobs/job";
import { limitOf } from "../../shared/jobs/limits";
import { pageRcu } from "../../shared/sources/table/pageSize";

/** The bytes that one read capacity unit reads, eventually consistent. */
const UNIT_BYTES = 8_192;

/**
 * The whole job's seconds at its limits, and its pages if it reads a table. An item counts as one write or lookup. For a source of
 * unknown size the seconds are 0, so that its numbers run in an inline Map. If that takes longer, the next execution continues.
 */
export function expectedWork(job: Pick<Job, "estimatedBytes" | "estimatedItems" | "limits">): {
  readonly seconds: number;
  readonly pages?: number;
} {
  const rate = (purpose: Purpose) => limitOf(job, purpose)?.limits.table;
  const [read, items] = [rate("read"), itemsPerSecond(rate)];
  const units = job.estimatedBytes / UNIT_BYTES;
  const reading = read === undefined ? 0 : units / read;
  const writing = items === undefined ? 0 : job.estimatedItems / items;
  const seconds = Math.max(reading, writing);
  return read === undefined ? { seconds } : { seconds, pages: Math.max(1, Math.ceil(units / pageRcu(read, 1))) };
}
