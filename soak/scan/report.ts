import Table from "cli-table3";
import type { ExportDifferences } from "../../local/compareExport";
import type { Job } from "../../shared/jobs/job";
import type { StruckRule } from "../faultTally";
import { describeShares, type Shares } from "../shares";
import type { PauseReport } from "./pause";
import type { ScanSoakSettings } from "./settings";
import type { WorkerLog } from "./workerLog";

/** The results of a job. */
export interface JobFigures {
  id: string;
  state: Job["state"];
  seconds: number;
  /** Units by their checkpoints: all, done, and their pages, items and RCU. */
  units: number;
  unitsDone: number;
  /** Units that are done according to the job's own count, which is exact once it has ended. */
  unitsCounted: number;
  pages: number;
  items: number;
  checkpointedRcu: number;
  /** RCU by the gateway's record. */
  rcu: number;
  /** Events about its completion. */
  events: number;
  result: unknown;
}

export interface ScanSoakReport {
  /** True if there are no deviations. */
  ok: boolean;
  settings: ScanSoakSettings;
  /** Seconds until the table was full, from then until the undisturbed count was done, of the export, and in all. */
  seconds: { filling: number; undisturbed: number; chaos: number; total: number };
  /** The table's content by a plain Scan. */
  table: { items: number; bytes: number };
  undisturbed: JobFigures;
  chaos: JobFigures;
  /** Runs of workers under faults, and their ends. */
  runs: number;
  work: WorkerLog;
  /** Scans that read something, those of them whose answer was lost, and pages read again. */
  scans: number;
  lostScans: number;
  rereadPages: number;
  /** The gateway's RCU divided by those that the faults explain. */
  rcuShare: number;
  pause: PauseReport | undefined;
  /** Consumption divided by the rate in force. */
  capacity: Shares;
  export: ExportDifferences | undefined;
  /** In the end: messages of units in the queue, or executions that run; dead letters, or executions that ended badly. */
  left: number;
  dead: number;
  faults: StruckRule[];
  /** All deviations, a sentence each. */
  differences: string[];
}

/** The report as text for people. */
export function render(report: ScanSoakReport): string {
  const { settings, seconds, table, undisturbed, chaos, work, pause, differences } = report;
  const faults = new Table({ head: ["fault", "met", "struck"], style: { head: [], border: [], compact: true } });
  for (const { rule, matched, struck } of report.faults) faults.push([rule, matched, struck]);
  return [
    `${table.items} items, ${table.bytes} bytes, ${settings.segments} segments, ${settings.driver} driver, seed ${settings.seed}; ${whole(seconds.total)} s in all.`,
    `Undisturbed count: ${undisturbed.pages} pages, ${undisturbed.rcu} RCU, ${whole(undisturbed.seconds)} s.`,
    `Export under faults: ${chaos.state}, ${chaos.pages} pages, ${chaos.rcu} RCU, ${whole(chaos.seconds)} s, ${chaos.events} event(s).`,
    `${report.runs} runs of workers; ${work.killed} killed, ${work.timedOut} timed out; ${work.held} deliveries met a chain that was held; back for other reasons: ${listed(work.interrupted)}.`,
    `${settings.driver === "queue" ? "Turns at chains" : "Tasks"}: ${listed(work.chains)}. Work on units: ${listed(work.units)}.`,
    `${report.scans} pages read, ${report.rereadPages} of them again; ${report.lostScans} answers lost; RCU ${report.rcuShare.toFixed(4)} of what they should be.`,
    ...(pause === undefined
      ? []
      : [
          `Paused: last page after ${pause.lastPageSeconds.toFixed(1)} s, nothing under way after ${whole(pause.drainedSeconds)} s; in ${pause.quietSeconds} s after that ${pause.scans} pages, ${pause.runs} runs, ${pause.messages} ${settings.driver === "queue" ? "messages" : "executions"}.`,
        ]),
    `Reads by what is allowed: ${describeShares(report.capacity)}.`,
    faults.toString(),
    ...(report.ok
      ? ["The export is the table, item for item; nothing dead, nothing left."]
      : [`${differences.length} difference(s):`, ...differences.map((line) => `  ${line}`)]),
  ].join("\n");
}

function whole(number: number): string {
  return number.toFixed(0);
}

function listed(numbers: Readonly<Record<string, number>>): string {
  const parts = Object.entries(numbers).map(([what, number]) => `${number} ${what}`);
  return parts.join(", ") || "none";
}
