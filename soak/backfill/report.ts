import Table from "cli-table3";
import type { Job } from "../../shared/jobs/job";
import type { Outcomes } from "../../shared/writing/outcomes";
import type { StruckRule } from "../faultTally";
import type { WorkerLog } from "../scan/workerLog";
import { describeShares, type Shares } from "../shares";
import type { PauseReport } from "./chaos";
import type { ListDifferences } from "./failures";
import { type JobName, jobNames } from "./jobs";
import type { BackfillSoakSettings } from "./settings";

/** The results of a job. */
export interface JobFigures {
  state: Job["state"];
  reason: string | undefined;
  seconds: number;
  units: number;
  unitsDone: number;
  /** Items of its pages, by the checkpoints. */
  items: number;
  outcomes: Outcomes;
  /** Failures by code, by its result. */
  failures: Readonly<Record<string, number>>;
  /** Items that must fail, and how the list differs. */
  mustFail: number;
  list: ListDifferences;
  /** Failures on the list by its manifest. */
  listed: number;
  /** Objects beside the list's own. */
  strays: string[];
  /** Failures that the job counted while it ran. */
  counted: number;
  /** Changes of items that the model explains by this job. */
  changes: number;
}

export interface BackfillSoakReport {
  /** True if there are no deviations. */
  ok: boolean;
  settings: BackfillSoakSettings;
  seconds: { filling: number; chaos: number; total: number };
  /** Items in the export, in the table and in its copy in the end. */
  exported: number;
  last: number;
  lastCopy: number;
  jobs: Record<JobName, JobFigures>;
  /** Writes of others: to the table, and to its copy. */
  foreign: { table: number; copy: number; made: number };
  work: WorkerLog;
  pause: PauseReport | undefined;
  /** Writes to table and copy, divided by the jobs' joint allowance. */
  capacity: { table: Shares; copy: Shares };
  /** In the end: messages of units in the queue, or executions that run; dead letters, or executions that ended badly. */
  left: number;
  dead: number;
  faults: StruckRule[];
  /** The first hundred facts that the model can't explain. */
  unexplained: string[];
  /** All deviations, a sentence each. */
  differences: string[];
}

/** The report as text for people. */
export function render(report: BackfillSoakReport): string {
  const { settings, seconds, jobs, foreign, work, pause, capacity, differences } = report;
  const plain = { style: { head: [], border: [], compact: true } };
  const head = ["job", "state", "s", "items", ...Object.keys(jobs.rekey.outcomes), "changes"];
  const results = new Table({ head, ...plain });
  for (const name of jobNames) {
    const { state, seconds: took, items, outcomes, changes } = jobs[name];
    results.push([name, state, took.toFixed(0), items, ...Object.values(outcomes), changes]);
  }
  const faults = new Table({ head: ["fault", "met", "struck"], ...plain });
  for (const { rule, matched, struck } of report.faults) faults.push([rule, matched, struck]);
  return [
    `${settings.items} items, ${settings.driver} driver, seed ${settings.seed}; ${seconds.total.toFixed(0)} s in all, ${seconds.chaos.toFixed(0)} s of jobs under faults.`,
    results.toString(),
    `Others wrote ${foreign.table} times to the table, ${foreign.copy} times to its copy, and made ${foreign.made} items.`,
    `${work.killed} workers killed, ${work.timedOut} timed out; ${work.held} deliveries met a chain that was held; back for other reasons: ${listed(work.interrupted)}.`,
    `${settings.driver === "queue" ? "Turns at chains" : "Tasks"}: ${listed(work.chains)}. Work on units: ${listed(work.units)}.`,
    ...(pause === undefined
      ? []
      : [
          `Paused: no unit held after ${pause.heldSeconds.toFixed(1)} s; ${pause.wentOn} units went on in ${pause.quietSeconds} s after that.`,
        ]),
    `Writes by what is allowed: of the table ${describeShares(capacity.table)}; of its copy ${describeShares(capacity.copy)}.`,
    faults.toString(),
    ...(report.ok
      ? ["Each item is as its history says; every failure is on a list, once; nothing dead, nothing left."]
      : [`${differences.length} difference(s):`, ...differences.map((line) => `  ${line}`)]),
  ].join("\n");
}

function listed(numbers: Readonly<Record<string, number>>): string {
  const parts = Object.entries(numbers).map(([what, number]) => `${number} ${what}`);
  return parts.join(", ") || "none";
}
