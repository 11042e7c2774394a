/** The list of jobs, page by page and live. */
import { isActive, type JobHead } from "../../../shared/jobs/job";
import { jobPage, unlessGone } from "../../../shared/jobs/storage/reading";
import { readBill } from "../../jobs/jobBill";
import { checkOperation, type JobFilter, wantedBy } from "../../jobs/listJobs";
import { jobSource, SnapshotReader } from "../../jobs/snapshot";
import type { JobPage, JobRow } from "../contract";
import type { Desk } from "../desk";
import { rowOf, rowOfHead } from "./jobRow";

const PAGE = 50;
/** The cost of a job with more units is shown only in the job's own view, because all units have to be read for it. */
const MOST_UNITS = 1_000;

/** A page from the jobs' heads alone. @param from `next` of the page before */
export async function listedJobs(
  { operator }: Desk,
  { from, ...filter }: JobFilter & { readonly from?: string | undefined },
): Promise<JobPage & { heads: JobHead[] }> {
  checkOperation(operator, filter.operation, "operation");
  const wanted = wantedBy(filter);
  const { jobs, next } = await jobPage(operator.dynamodb, operator.jobsTable, { limit: PAGE, from, wanted });
  return { jobs: jobs.map(rowOfHead), heads: jobs, ...(next === undefined ? {} : { next }) };
}

/** Rows with what units report. The units of an ended job don't change any more, so they are read once. */
export class FullRows {
  private readonly ended = new Map<string, JobRow>();

  constructor(private readonly desk: Desk) {}

  /** Undefined: it has too many units to be read for a list, or it has been deleted since it was listed. */
  async of(head: JobHead): Promise<JobRow | undefined> {
    const { id, epoch, state, units, unitsDone } = head;
    const key = `${id} ${epoch} ${state} ${unitsDone}`;
    const known = this.ended.get(key);
    if (known !== undefined) return known;
    if (!isActive(head) && units > MOST_UNITS) return undefined;
    const { operator, clock, watches } = this.desk;
    const watch = isActive(head) ? watches.of(id) : undefined;
    const snapshot = await unlessGone(watch?.look() ?? new SnapshotReader(jobSource(operator, id), clock).read());
    if (snapshot === undefined) return undefined;
    const bill = await readBill(operator, snapshot, this.desk.prices);
    const row = rowOf(snapshot.job, snapshot.progress, { dollars: bill.dollars, sample: watch?.samples.at(-1) });
    if (!isActive(snapshot.job)) this.ended.set(key, row);
    return row;
  }
}
