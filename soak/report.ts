import Table from "cli-table3";
import type { StruckRule } from "./faultTally";
import type { Counts } from "./findings";
import type { LogFigures } from "./logFigures";
import type { SoakSettings } from "./settings";

/** The results of a soak. */
export interface SoakReport extends Counts {
  /** True if nothing differs. */
  ok: boolean;
  settings: SoakSettings;
  /**
   * Times from the start of the sending until the last message was confirmed, the queue was empty, and everything was
   * compared.
   */
  seconds: { sending: number; outage: number; drained: number; total: number };
  sent: {
    /** Bodies handed to the sender, repeats included, and how many of them are distinct. */
    messages: number;
    distinct: number;
    /** Messages that the queue took: a body whose answer was lost is sent again. */
    taken: number;
    /** Confirmed by SQS. */
    confirmed: number;
    /** Given up by the sender for the moment and sent again. */
    sentAgain: number;
    /** Flushes of outboxes. */
    flushes: number;
  };
  /** Figures from the functions' logs. */
  work: LogFigures;
  /** The effects of the fault rules. */
  faults: StruckRule[];
  /** All deviations, a sentence each. */
  differences: string[];
}

/** The most differences shown; --json has them all. */
const SHOWN = 50;

/** The report as text for people. */
export function render(report: SoakReport): string {
  const { sent, stored, duplicates, inQuarantine, erased, dead, counted, participants, events } = report;
  const { seconds, work, settings, differences } = report;
  const table = plainTable(["fault", "met", "struck"]);
  for (const { rule, matched, struck } of report.faults) table.push([rule, matched, struck]);
  const reasons = Object.entries(report.reasons).map(([code, number]) => `${number} ${code}`);
  const more = differences.length > SHOWN ? [`  … and ${differences.length - SHOWN} more`] : [];
  return [
    `${sent.messages} messages from seed ${settings.seed}, ${sent.distinct} of them distinct; SQS confirmed ${sent.confirmed} (${sent.sentAgain} given up and sent again; ${sent.flushes} flushes of outboxes).`,
    `${stored} stored + ${duplicates} duplicates + ${inQuarantine} in quarantine + ${erased} erased + ${dead} dead = ${stored + duplicates + inQuarantine + erased + dead} of ${sent.taken} that the queue took.`,
    `Quarantine: ${reasons.join(", ")}.`,
    `${participants} participants, ${counted} submissions counted; ${events.erasedParticipants} participants erased.`,
    `${events.expired} raw objects expired, and ${events.cameLater} messages came for them afterwards; their own brought back ${events.broughtBack}; ${report.rawObjects} are there.`,
    `DynamoDB was gone for ${whole(seconds.outage)} s; the queue was empty after ${whole(seconds.drained)} s; the longest wait was ${whole(work.oldestSeconds)} s.`,
    `${work.killed} functions killed, ${work.timedOut} timed out; ${work.handedBack} times a submission went back to the queue, ${work.duplicates} times one came again after it was counted.`,
    table.toString(),
    ...(report.ok
      ? ["Nothing lost, nothing counted twice, nothing dead."]
      : [`${differences.length} difference(s):`, ...differences.slice(0, SHOWN).map((line) => `  ${line}`), ...more]),
  ].join("\n");
}

function plainTable(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function whole(number: number): string {
  return number.toFixed(0);
}
