import { type UnitProgress, unitPhases } from "../../shared/jobs/progress";
import { bytes, counted, decimal, duration, moment, oneLine, percent, whole } from "../text/format";
import { textPairs, textTable } from "../text/table";
import {
  describeBottleneck,
  describeFailures,
  describeItems,
  describeLeft,
  describePhases,
  describeRate,
  describeResult,
  describeRetries,
  describeWork,
} from "./describe";
import { describeJobBill, type JobBill } from "./jobBill";
import type { Snapshot } from "./snapshot";

/** Rows of units shown unless all are asked for: what is worth a look comes first. */
export const MOST_ROWS = 40;
/** Failed units, and units that are retrying, shown with their reasons unless all are asked for. */
const MOST_REASONS = 10;

/** A job with its totals, its bill and its units. `all`: every unit, however many. */
export function renderShow(snapshot: Snapshot, all: boolean, bill?: JobBill): string {
  const most = (number: number) => (all ? Number.POSITIVE_INFINITY : number);
  const lines = [
    totals(snapshot, bill),
    ...reasons(snapshot, most(MOST_REASONS)),
    ...unitTable(snapshot.units, most(MOST_ROWS)),
  ];
  return lines.join("\n");
}

/** Why units failed or are retrying. Apart from the table, because a reason may be longer than a terminal is wide. */
function reasons({ progress, at }: Snapshot, most: number): string[] {
  const failures = describeFailures(progress, most);
  const retries = describeRetries(progress, most, at);
  return [
    ...(failures.length === 0 ? [] : ["", "Failed:", ...failures]),
    ...(retries.length === 0 ? [] : ["", "Retrying:", ...retries]),
  ];
}

function totals({ job, progress }: Snapshot, bill: JobBill | undefined): string {
  const { state, seconds, share, counts, units, result } = progress;
  const estimated = share < 1 ? " (estimated)" : "";
  const took = job.endedAt === undefined ? `started ${duration(seconds)} ago` : describeLeft(progress);
  return textPairs([
    ["Job", `${job.id}: ${describeWork(job)}`],
    ["State", `${state}, ${took} (${moment(job.createdAt)})`],
    ["Done", `${percent(share)}${estimated}${job.endedAt === undefined ? `, ${describeLeft(progress)}` : ""}`],
    [
      "Read",
      `${describeItems(counts)}, ${bytes(progress.bytes)}, ${counted(counts.pages, "page")}, ${decimal(counts.rcu)} RCU`,
    ],
    [
      "Rate",
      describeRate(progress) + (job.limitGroup === undefined ? "" : `, shared by limit group ${job.limitGroup}`),
    ],
    ...(progress.bottleneck === undefined ? [] : [["Pace", describeBottleneck(progress)] as const]),
    ...(bill === undefined ? [] : [["Cost", describeJobBill(bill)] as const]),
    ["Units", `${whole(units.total)}: ${describePhases(progress)}`],
    ...(progress.reason === undefined ? [] : [["Reason", oneLine(progress.reason)] as const]),
    ...(result === undefined ? [] : [["Result", describeResult(result)] as const]),
  ]);
}

function unitTable(units: readonly UnitProgress[], most: number): string[] {
  if (units.length === 0) return ["", "No worker has taken a unit yet."];
  const sorted = [...units].sort(
    (a, b) => unitPhases.indexOf(a.phase) - unitPhases.indexOf(b.phase) || a.unit - b.unit,
  );
  const columns = [
    { head: "UNIT", align: "right" },
    { head: "PHASE" },
    { head: "PAGES", align: "right" },
    { head: "ITEMS", align: "right" },
    { head: "SIZE", align: "right" },
    { head: "RCU", align: "right" },
    { head: "RCU/S", align: "right" },
    { head: "ATTEMPTS", align: "right" },
  ] as const;
  const lines = ["", textTable(columns, sorted.slice(0, most).map(row))];
  const hidden = sorted.length - most;
  return hidden > 0 ? [...lines, `… and ${whole(hidden)} more: --all shows them.`] : lines;
}

function row({ unit, phase, counts, bytes: read, rcuPerSecond, attempts }: UnitProgress): string[] {
  const { pages, items, rcu } = counts;
  const figures = [whole(pages), whole(items), bytes(read), decimal(rcu), decimal(rcuPerSecond)];
  // Attempts since the last progress. The reason of a failed unit includes their number.
  return [String(unit), phase, ...figures, attempts > 0 ? String(attempts) : ""];
}
