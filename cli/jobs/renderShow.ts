import type { AuditEntry } from "../../shared/jobs/audit";
import { driverOf, type Job } from "../../shared/jobs/job";
import { type UnitProgress, unitPhases } from "../../shared/jobs/progress";
import { type WritingProgress, writtenBy } from "../../shared/jobs/writingProgress";
import { nothingWritten, writtenIn } from "../../shared/writing/written";
import { counted, decimal, duration, moment, oneLine, percent, whole } from "../text/format";
import { toJson } from "../text/json";
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
import { auditLines } from "./describeAudit";
import {
  type DryRunFigures,
  describeBinding,
  describeCodes,
  describeConsumed,
  describeLookups,
  describeOutcomes,
  describeSample,
  describeWriteCost,
  sampleIn,
} from "./describeWriting";
import { describeJobBill, type JobBill } from "./jobBill";
import { requestFacts } from "./jobFacts";
import type { Snapshot } from "./snapshot";

/** Rows of units shown unless all are asked for: what is worth a look comes first. */
export const MOST_ROWS = 40;
/** Failed units, and units that are retrying, shown with their reasons unless all are asked for. */
const MOST_REASONS = 10;
/** Changes shown unless all are asked for, the newest first. */
const MOST_CHANGES = 10;

/** Further figures of a job. */
export interface ShowFigures {
  readonly bill?: JobBill;
  /** Absent: the job is no dry run. */
  readonly dryRun?: DryRunFigures | undefined;
  /** Name of the stack's Glue job. Absent: none. */
  readonly glueJob?: string | undefined;
  /** Where the job's objects are, `s3://…/` each. */
  readonly results?: readonly string[];
  /** The newest entries of its audit list, the newest first. */
  readonly audit?: readonly AuditEntry[];
  /** Columns of the terminal. Absent: none. */
  readonly width?: number | undefined;
}

/** A job with its totals, its bill and its units. `all`: every unit, however many. */
export function renderShow(snapshot: Snapshot, all: boolean, figures: ShowFigures = {}): string {
  const most = (number: number) => (all ? Number.POSITIVE_INFINITY : number);
  const lines = [
    totals(snapshot, figures),
    ...reasons(snapshot, most(MOST_REASONS)),
    ...examples(snapshot),
    ...unitTable(snapshot, most(MOST_ROWS), figures.width),
    ...auditLines(figures.audit ?? [], most(MOST_CHANGES), figures.width),
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

/** For a dry run: up to 20 items, and what would become of each. */
function examples({ units, progress }: Snapshot): string[] {
  const { examples: found = [] } = progress.writing?.dryRun ? writtenBy(units) : {};
  if (found.length === 0) return [];
  const shown = found.flatMap(({ before, after }) => [
    `  - ${toJson(before)}`,
    `  + ${after === undefined ? "deleted" : toJson(after)}`,
  ]);
  return ["", "Examples, before and after:", ...shown];
}

/** What the job has written, or would. */
function writingPairs({ job, progress }: Snapshot, dryRun: DryRunFigures | undefined): [string, string][] {
  const { writing } = progress;
  if (writing === undefined) return [];
  const { failures, consumed } = writing;
  const target = job.target?.name ?? job.work.table;
  const codes = describeCodes(failures);
  const sample = sampleIn(progress.result);
  return [
    ["Outcomes", describeOutcomes(writing)],
    ...(sample === undefined
      ? []
      : [["Of all", `${describeSample(sample)}; the figures below cover the sample only`] as [string, string]]),
    ...(codes === "" ? [] : [["Failures", `${codes}; \`jobs failures ${job.id}\` lists them`] as [string, string]]),
    ...(looksOrPuts(job, writing) ? [["Lookups", describeLookups(writing, target)] as [string, string]] : []),
    [writing.dryRun ? "Would use" : "Written", describeConsumed(consumed, target)],
    ...(dryRun?.binding === undefined || dryRun.binding.seconds === 0
      ? []
      : [["Binding", describeBinding(dryRun.binding)] as [string, string]]),
    ...(dryRun === undefined ? [] : [["Would cost", describeWriteCost(dryRun)] as [string, string]]),
  ];
}

/** A dry run of a copy: without `ifAbsent` it doesn't know which items it would overwrite. */
function looksOrPuts({ operation }: Job, { dryRun, lookups }: WritingProgress): boolean {
  return dryRun && (lookups !== undefined || operation.name === "copy");
}

function totals(snapshot: Snapshot, { bill, dryRun, glueJob, results = [] }: ShowFigures): string {
  const { job, progress } = snapshot;
  const { state, seconds, share, counts, units, result, writing } = progress;
  const estimated = share < 1 ? " (estimated)" : "";
  const took = job.endedAt === undefined ? `started ${duration(seconds)} ago` : describeLeft(progress);
  return textPairs([
    ["Job", `${job.id}: ${describeWork(job)}${writing?.dryRun ? " (dry run)" : ""}`],
    ["State", `${state}, ${took} (${moment(job.createdAt)})`],
    ["Driver", driverOf(job)],
    ...executionPairs(job, glueJob),
    ...requestFacts(job).map(([name, text]) => [name, oneLine(text)] as const),
    ["Done", `${percent(share)}${estimated}${job.endedAt === undefined ? `, ${describeLeft(progress)}` : ""}`],
    ["Read", `${describeItems(counts)}, ${counted(counts.pages, "page")}, ${decimal(counts.rcu)} RCU`],
    ...writingPairs(snapshot, dryRun),
    [
      "Rate",
      describeRate(progress) + (job.limitGroup === undefined ? "" : `, shared by limit group ${job.limitGroup}`),
    ],
    ...(progress.bottleneck === undefined ? [] : [["Pace", describeBottleneck(progress)] as const]),
    ...(bill === undefined ? [] : [["Cost", describeJobBill(bill)] as const]),
    ["Units", `${whole(units.total)}: ${describePhases(progress)}`],
    ...(progress.reason === undefined ? [] : [["Reason", oneLine(progress.reason)] as const]),
    ...(results.length === 0 ? [] : [["Results", results.join(" and ")] as const]),
    // The result of a job that changes a table would repeat what stands above.
    ...(result === undefined || writing !== undefined ? [] : [["Result", describeResult(result)] as const]),
  ]);
}

/** The names by which the AWS console finds them. */
function executionPairs({ driver, execution }: Job, glueJob = ""): [string, string][] {
  if (execution === undefined) return [];
  return driver === "spark" ? [["Glue run", `${glueJob}/${execution}`]] : [["Execution", execution]];
}

function unitTable({ units, progress }: Snapshot, most: number, width: number | undefined): string[] {
  if (units.length === 0) return ["", "No worker has taken a unit yet."];
  const sorted = [...units].sort(
    (a, b) => unitPhases.indexOf(a.phase) - unitPhases.indexOf(b.phase) || a.unit - b.unit,
  );
  const columns = progress.writing === undefined ? readingColumns : writingColumns;
  const row = progress.writing === undefined ? readingRow : writingRow;
  const lines = ["", textTable(columns, sorted.slice(0, most).map(row), width)];
  const hidden = sorted.length - most;
  return hidden > 0 ? [...lines, `… and ${whole(hidden)} more: --all shows them.`] : lines;
}

const right = (...heads: string[]) => heads.map((head) => ({ head, align: "right" }) as const);
const readingColumns = [...right("UNIT"), { head: "PHASE" }, ...right("PAGES", "ITEMS", "RCU", "RCU/S", "ATTEMPTS")];
const writingColumns = [
  ...right("UNIT"),
  { head: "PHASE" },
  ...right("ITEMS", "UPDATED", "FAILED", "RCU", "WCU", "WCU/S", "ATTEMPTS"),
];

function readingRow({ unit, phase, counts, rcuPerSecond, attempts }: UnitProgress): string[] {
  const { pages, items, rcu } = counts;
  const figures = [whole(pages), whole(items), decimal(rcu), decimal(rcuPerSecond)];
  return [String(unit), phase, ...figures, attemptsText(attempts)];
}

function writingRow({ unit, phase, counts, result, wcuPerSecond = 0, attempts }: UnitProgress): string[] {
  const { outcomes, consumed } = writtenIn(result) ?? nothingWritten;
  const items = [counts.items, outcomes.updated, outcomes.failed].map(whole);
  const figures = [...items, ...[counts.rcu, consumed.table, wcuPerSecond].map(decimal)];
  return [String(unit), phase, ...figures, attemptsText(attempts)];
}

/** Attempts since the last progress. The reason of a failed unit includes their number. */
function attemptsText(attempts: number): string {
  return attempts > 0 ? String(attempts) : "";
}
