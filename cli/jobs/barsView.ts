import cliProgress from "cli-progress";
import type { JobProgress, UnitProgress } from "../../shared/jobs/progress";
import { columnsOf } from "../terminal";
import { counted, decimal, duration, oneLine, percent } from "../text/format";
import { wrapLine } from "../text/wrap";
import {
  describeBottleneck,
  describeItems,
  describeLeft,
  describePhases,
  describeRate,
  describeRetries,
  describeRetry,
  describeWork,
} from "./describe";
import { describeOutcomes } from "./describeWriting";
import type { Snapshot } from "./snapshot";
import { unitShare } from "./unitShare";
import type { WatchView } from "./watch";

/** Jobs of more units have one bar for all of them: more lines would push the total off the screen. */
const MOST_UNIT_BARS = 12;
/** Characters of a bar, and of one on a terminal of fewer than NARROW columns. */
const BAR_SIZE = 24;
const SHORT_BAR = 10;
const NARROW = 100;
const NAME_WIDTH = 8;
/** At most this many retrying units are named, if units have no bars of their own. */
const MOST_RETRIES = 3;

/** On a terminal: bars that are drawn over with each look at the job. */
export class BarsView implements WatchView {
  private readonly bars: cliProgress.MultiBar;
  private readonly lines: cliProgress.SingleBar[] = [];
  private last: Snapshot | undefined;

  constructor(private readonly stream: NodeJS.WritableStream) {
    const options = { format: "{text}", stream, fps: 1, hideCursor: true, gracefulExit: false };
    this.bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
  }

  show(snapshot: Snapshot): void {
    this.last = snapshot;
    this.draw(snapshot, "");
  }

  trouble(sentence: string): void {
    if (this.last !== undefined) this.draw(this.last, `  (trying again: ${sentence})`);
  }

  close(): void {
    if (this.last !== undefined) this.bars.stop();
  }

  /** Lines can't be removed again, so lines that are no longer needed are empty. */
  private draw(snapshot: Snapshot, note: string): void {
    const texts = barLines(snapshot, note, columnsOf(this.stream) ?? NARROW);
    for (let index = 0; index < Math.max(texts.length, this.lines.length); index++) {
      const text = texts[index] ?? "";
      const line = this.lines[index];
      if (line !== undefined) line.update(0, { text });
      else this.lines[index] = this.bars.create(1, 0, { text });
    }
    this.bars.update();
  }
}

/** What the terminal shows of a job. No line is longer than the terminal is wide, because it would be cut. Pure. */
export function barLines(snapshot: Snapshot, note: string, width: number): string[] {
  const { job, progress, units, at } = snapshot;
  const size = width < NARROW ? SHORT_BAR : BAR_SIZE;
  const barLine = (name: string, share: number, text: string) => {
    return `${name.padEnd(NAME_WIDTH)} ${bar(share, size)} ${text}`;
  };
  const begun = new Map(units.map((unit) => [unit.unit, unit]));
  const ofUnits = Array.from({ length: job.units <= MOST_UNIT_BARS ? job.units : 0 }, (_, number) => {
    const unit = begun.get(number);
    const share = unit === undefined ? 0 : unitShare(job, unit);
    return barLine(`Unit ${number}`, share, unitText(unit, share, at));
  });
  const pace = paceOf(progress);
  const lines = [
    `${job.id}: ${describeWork(job)}, ${job.state}, ${duration(progress.seconds)}${note}`,
    barLine("Total", progress.share, totalText(progress)),
    `Units    ${counted(job.units, "unit")}: ${describePhases(progress)}`,
    ...(pace === "" ? [] : [`Pace     ${pace}`]),
    ...ofUnits,
    ...(ofUnits.length > 0 ? [] : describeRetries(progress, MOST_RETRIES, at)),
  ];
  return lines.flatMap((line) => fitted(line, width));
}

/** Wraps a line into as many as it takes. A word that is longer than the terminal is broken. */
function fitted(line: string, width: number): string[] {
  const parts = wrapLine(line, width, " ".repeat(NAME_WIDTH + 1)).split("\n");
  return parts.flatMap((part) => part.match(new RegExp(`.{1,${width}}`, "gu")) ?? [""]);
}

function bar(share: number, size: number): string {
  const full = Math.round(share * size);
  return "█".repeat(full) + "░".repeat(size - full);
}

/** What holds a running job back, or why another one stands where it does. A job that writes shows its outcomes too. */
function paceOf({ state, reason, writing, ...progress }: JobProgress): string {
  const pace = state === "running" ? describeBottleneck({ state, ...progress }) : oneLine(reason ?? "");
  return [...(writing === undefined ? [] : [describeOutcomes(writing)]), ...(pace === "" ? [] : [pace])].join("; ");
}

function totalText(progress: JobProgress): string {
  const { share, counts } = progress;
  return [aligned(share), describeItems(counts), describeRate(progress), describeLeft(progress)].join("  ");
}

function unitText(unit: UnitProgress | undefined, share: number, now: number): string {
  if (unit === undefined) return `${aligned(0)}  waiting`;
  const { counts, rcuPerSecond, wcuPerSecond, phase } = unit;
  if (phase === "retrying") return `${aligned(share)}  ${describeItems(counts)}  retrying: ${describeRetry(unit, now)}`;
  const rate = wcuPerSecond === undefined ? `${decimal(rcuPerSecond)} RCU/s` : `${decimal(wcuPerSecond)} WCU/s`;
  return [aligned(share), describeItems(counts), rate, phase].join("  ");
}

const aligned = (share: number): string => percent(share).padStart("100 %".length);
