import type { Counted } from "../../shared/operations/count/count";
import { pageRcu } from "../../shared/sources/table/pageSize";
import { aheadOfAllowance } from "../shares";
import type { JobFigures, ScanSoakReport } from "./report";

/** Seconds after a pause in which the last page may be read: the workers look every two, and one page is under way. */
const LAST_PAGE_SECONDS = 3;
/** Each executor that is killed takes its tasks with it. */
const TASKS_OF_EXECUTOR = 2;
/** The consumption allowed beyond that of the undisturbed run and the pages read again. */
const RCU_TOLERANCE = 1.03;
/** The soak raises the rate by this factor during the job. */
const FASTER = 1.5;

type Findings = Omit<ScanSoakReport, "ok" | "differences">;

/** All deviations, a sentence each. None: each item exactly once, and no more work than faults explain. */
export function judge(found: Findings): string[] {
  return [
    ...jobDifferences(found.undisturbed, found),
    ...jobDifferences(found.chaos, found),
    ...countDifferences(found),
    ...exportDifferences(found),
    ...effortDifferences(found),
    ...pauseDifferences(found),
    ...unless(
      found.left === 0,
      `${found.left} ${found.settings.driver === "queue" ? "message(s) left in the queue" : "execution(s) or run(s) still run"}`,
    ),
    ...unless(
      found.dead === 0,
      `${found.dead} ${found.settings.driver === "queue" ? "message(s) in the dead-letter queue" : "execution(s) or run(s) ended badly"}`,
    ),
  ];
}

function jobDifferences(job: JobFigures, { settings, table }: Findings): string[] {
  const { segments } = settings;
  return [
    ...unless(job.state === "completed", `job ${job.id} is ${job.state}`),
    ...unless(job.units === segments, `job ${job.id}: ${job.units} units were begun, not ${segments}`),
    ...unless(job.unitsDone === segments, `job ${job.id}: ${job.unitsDone} units are done, not ${segments}`),
    ...unless(job.unitsCounted === segments, `job ${job.id} counts ${job.unitsCounted} units as done, not ${segments}`),
    ...unless(job.items === table.items, `job ${job.id}: ${job.items} items are checkpointed, not ${table.items}`),
    ...unless(job.events >= 1, `job ${job.id}: no event was published about its end`),
  ];
}

function countDifferences({ undisturbed, table }: Findings): string[] {
  const { items, bytes } = (undisturbed.result ?? {}) as Partial<Counted>;
  return unless(
    items === table.items && bytes === table.bytes,
    `counted ${items} items and ${bytes} bytes, the table has ${table.items} and ${table.bytes}`,
  );
}

function exportDifferences({ export: found, table }: Findings): string[] {
  if (found === undefined) return ["there is no export to read"];
  const { items, missing, repeated, other, unknown, damage } = found;
  const same = items === table.items && missing + repeated + other + unknown === 0;
  return [
    ...unless(damage === undefined, `the export cannot be read: ${damage}`),
    ...unless(
      same,
      `the export has ${items} items: ${missing} missing, ${repeated} repeated, ${other} other, ${unknown} unknown`,
    ),
  ];
}

function effortDifferences(found: Findings): string[] {
  const { work, settings, lostScans, rereadPages, rcuShare, capacity } = found;
  const killed = work.killed * (settings.driver === "spark" ? TASKS_OF_EXECUTOR : 1);
  const explained = (killed + work.timedOut) * pagesASecond(settings.rcu * FASTER) + lostScans;
  const { unknown = 0 } = work.chains;
  const { failed = 0, fatal = 0 } = work.units;
  return [
    ...unless(unknown === 0, `${unknown} message(s) were taken for those of no job`),
    ...unless(failed + fatal === 0, `${failed} unit(s) were given up, ${fatal} stopped the whole job`),
    ...unless(work.killed >= settings.kills, `${work.killed} workers were killed, not ${settings.kills}`),
    ...unless(rereadPages >= 0, `${-rereadPages} pages are checkpointed that were never read`),
    ...unless(rereadPages <= explained, `${rereadPages} pages were read again, kills and losses explain ${explained}`),
    ...unless(rcuShare <= RCU_TOLERANCE, `${rcuShare.toFixed(4)} of the RCU that are explained`),
    ...aheadOfAllowance("the readers", capacity),
  ];
}

/**
 * RCU that the faults explain. A page that was read again may have been as large as pages become at the higher rate, although the
 * average page is smaller.
 */
export function explainedRcu(undisturbed: number, rereadPages: number, rate: number): number {
  return undisturbed + Math.max(0, rereadPages) * pageRcu(rate * FASTER, 1);
}

/** Pages that fit into a second at a rate, RCU/s: a worker that stops repeats at most this many, and at least one may repeat. */
function pagesASecond(rate: number): number {
  return Math.ceil(rate / pageRcu(rate, 1));
}

function pauseDifferences({ pause }: Findings): string[] {
  if (pause === undefined) return ["the job ended before it was paused"];
  const { lastPageSeconds, scans, runs, messages } = pause;
  return [
    ...unless(lastPageSeconds <= LAST_PAGE_SECONDS, `a page was read ${lastPageSeconds} s after the pause`),
    ...unless(scans + runs + messages === 0, `while paused: ${scans} pages, ${runs} runs, ${messages} messages`),
  ];
}

function unless(right: boolean, difference: string): string[] {
  return right ? [] : [difference];
}
