/** A job as the page shows it: its record, its progress and its bill, in words and figures. */

import { SluiceError } from "../../../shared/errors";
import type { ControlVerb } from "../../../shared/jobs/control";
import { driverOf, type Job } from "../../../shared/jobs/job";
import { type UnitProgress, unitPhases } from "../../../shared/jobs/progress";
import { checkRedrive } from "../../failures/redriveRequest";
import { describeBottleneck, describeItems, describeLeft, describePhases, describeWork } from "../../jobs/describe";
import { describeCaller, describeDetails } from "../../jobs/describeAudit";
import { describeJobBill } from "../../jobs/jobBill";
import { factsOf } from "../../jobs/jobFacts";
import type { Snapshot } from "../../jobs/snapshot";
import { unitShare } from "../../jobs/unitShare";
import { checkUndo } from "../../start/undoRequest";
import { duration, oneLine } from "../../text/format";
import { toJson } from "../../text/json";
import { type ControlName, controlNames, type JobDocument, type UnitLine } from "../contract";
import type { Desk } from "../desk";
import type { JobWatch } from "../live/jobWatch";
import { seriesOf } from "../live/rates";
import { unitGrid } from "../live/unitGrid";
import { rowOf } from "./jobRow";

/** Units in the table below the grid. Those that need attention come first. */
const MOST_LINES = 40;

export async function jobDocument(desk: Desk, watch: JobWatch): Promise<JobDocument> {
  const snapshot = await watch.look();
  const { job, progress, units, at } = snapshot;
  const bill = await watch.bill(desk.operator, snapshot, desk.prices);
  const { writing, seconds, reason, result } = progress;
  const changes = job.target === undefined ? undefined : (job.work.to ?? job.work.table);
  return {
    at,
    row: rowOf(job, progress, { dollars: bill.dollars, sample: watch.samples.at(-1) }),
    work: describeWork(job),
    driver: driverOf(job),
    dryRun: writing?.dryRun ?? false,
    seconds,
    items: describeItems(progress.counts),
    left: describeLeft(progress),
    pace: describeBottleneck(progress),
    ...(reason === undefined ? {} : { reason: oneLine(reason) }),
    phases: describePhases(progress),
    bill: { dollars: bill.dollars, text: describeJobBill(bill) },
    ...(writing === undefined ? {} : { outcomes: writing.outcomes }),
    ...(result === undefined ? {} : { result: toJson(result, 2) }),
    series: seriesOf({ job, progress }),
    cells: unitGrid(job, units),
    unitLines: unitLines(job, units, at),
    failures: Object.entries(writing?.failures ?? {})
      .map(([code, count]) => ({ code, count }))
      .sort((a, b) => b.count - a.count),
    facts: factsOf(job, desk.operator.resultsBucket),
    audit: (await watch.audit(desk.operator, job)).map((entry) => ({
      ...{ at: entry.at, action: entry.action },
      ...{ caller: describeCaller(entry), details: describeDetails(entry) },
    })),
    controls: controlsOf(desk, snapshot),
    ...(changes === undefined ? {} : { changes }),
  };
}

function unitLines(job: Job, units: readonly UnitProgress[], now: number): UnitLine[] {
  const sorted = [...units].sort(
    (a, b) => unitPhases.indexOf(a.phase) - unitPhases.indexOf(b.phase) || a.unit - b.unit,
  );
  return sorted.slice(0, MOST_LINES).map((unit) => unitLine(job, unit, now));
}

export function unitLine(job: Job, unit: UnitProgress, now: number): UnitLine {
  const { unit: number, phase, counts, attempts, reason } = unit;
  const nextTry = nextTryOf(unit, now);
  return {
    unit: number,
    phase,
    share: unitShare(job, unit),
    items: counts.items,
    attempts,
    ...(reason === undefined ? {} : { reason: oneLine(reason) }),
    ...(nextTry === undefined ? {} : { nextTry }),
  };
}

function nextTryOf({ phase, retryAt, retryingSince }: UnitProgress, now: number): string | undefined {
  if (phase !== "retrying") return undefined;
  if (retryingSince !== undefined) return `trying for ${duration((now - retryingSince) / 1000)}`;
  if (retryAt === undefined) return "trying now";
  return retryAt > now ? `in ${duration((retryAt - now) / 1000)}` : "due";
}

function controlsOf(desk: Desk, { job, progress }: Snapshot): JobDocument["controls"] {
  const allowed = Object.fromEntries(
    controlNames.map((name) => [name, verdict(() => check(desk, name, job, progress.writing?.failures ?? {}))]),
  );
  return allowed as JobDocument["controls"];
}

function check(desk: Desk, name: ControlName, job: Job, failures: Readonly<Record<string, number>>): void {
  if (name === "undo") checkUndo(job);
  else if (name === "redrive") checkFailures(job, failures);
  else permit(desk, job, name);
}

function checkFailures(job: Job, failures: Readonly<Record<string, number>>): void {
  checkRedrive(job);
  if (Object.keys(failures).length === 0) throw new SluiceError("NO_FAILURES", "No item is on the list of failures.");
}

function permit({ operator }: Desk, job: Job, verb: ControlVerb): void {
  // Resuming a running job only repairs lost messages: a button for it would be pressed by mistake.
  if (verb === "resume" && job.state === "running") {
    throw new SluiceError("WRONG_STATE", `Job ${job.id} is running.`);
  }
  operator.control.permit(job, verb);
}

function verdict(check: () => void): { allowed: boolean; why?: string } {
  try {
    check();
    return { allowed: true };
  } catch (error) {
    if (error instanceof SluiceError) return { allowed: false, why: error.message };
    throw error;
  }
}
