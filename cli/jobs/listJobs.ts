/** Which jobs a list has, and how far each has come. */
import type { Clock } from "../../shared/clock";
import { finalStates, type JobHead, tablesOf } from "../../shared/jobs/job";
import { unlessGone } from "../../shared/jobs/storage/reading";
import { operationNames } from "../../shared/operations/registry";
import { mustBe } from "../../shared/requestOption";
import { usage } from "../command";
import type { Operator } from "../operator";
import { jobSource, SnapshotReader } from "./snapshot";

export interface JobFilter {
  readonly state?: string | undefined;
  readonly operation?: string | undefined;
  /** A table that is read or changed. */
  readonly table?: string | undefined;
}

export interface ListedJob extends JobHead {
  /** 0 to 1. */
  readonly share: number;
}

/**
 * Refuses an operation that no job of the stack can have. A table may have left the stack's configuration since.
 * @throws RequestProblems USAGE
 */
export function checkOperation(
  { operations }: Pick<Operator, "operations">,
  operation: string | undefined,
  name: string,
): void {
  if (operation === undefined || operations === undefined) return;
  const known = [...operationNames(), ...operations];
  if (!known.includes(operation)) throw usage([`${name} ${mustBe(operation, known)}, got ${operation}.`]);
}

/** The units of larger jobs are not read for a list. */
const MOST_UNITS = 1_000;

export function wantedBy({ state, operation, table }: JobFilter): (job: JobHead) => boolean {
  return (job) =>
    (state === undefined || job.state === state) &&
    (operation === undefined || job.work.operation === operation) &&
    (table === undefined || tablesOf(job).includes(table));
}

/** The share by the record alone: that of the units that are done, 0 to 1. */
export function shareOfHead({ state, unitsDone, units }: JobHead): number {
  return state === "completed" ? 1 : unitsDone / units;
}

/** Adds the share that the units of unfinished jobs report. */
export async function withShares(
  operator: Operator,
  heads: readonly JobHead[],
  clock: Pick<Clock, "now">,
): Promise<ListedJob[]> {
  const listed: ListedJob[] = [];
  for (const head of heads) listed.push({ ...head, share: await shareOf(operator, head, clock) });
  return listed;
}

async function shareOf(operator: Operator, head: JobHead, clock: Pick<Clock, "now">): Promise<number> {
  if (finalStates.includes(head.state) || head.units > MOST_UNITS) return shareOfHead(head);
  // It may have been deleted since it was listed.
  const snapshot = await unlessGone(new SnapshotReader(jobSource(operator, head.id), clock).read());
  return snapshot?.progress.share ?? shareOfHead(head);
}
