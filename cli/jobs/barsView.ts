import cliProgress from "cli-progress";
import type { JobProgress, UnitProgress } from "../../shared/jobs/progress";
import { counted, decimal, duration, oneLine, percent } from "../text/format";
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
/** Characters. */
const BAR_SIZE = 24;
const NAME_WIDTH = 8;
/** Units that are retrying, named where units have no bars of their own. */
const MOST_RETRIES = 3;
/** Lines above those of the units. */
const HEAD = 4;

/** On a terminal: bars that are drawn over with each look at the job. */
export class BarsView implements WatchView {
  private readonly bars: cliProgress.MultiBar;
  private readonly lines: cliProgress.SingleBar[] = [];
  private note = "";
  private last: Snapshot | undefined;

  constructor(stream: NodeJS.WritableStream) {
    const format = "{name} {bar} {text}";
    const options = { format, stream, barsize: BAR_SIZE, fps: 1, hideCursor: true, gracefulExit: false };
    this.bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
  }

  show(snapshot: Snapshot): void {
    this.last = snapshot;
    this.note = "";
    this.draw(snapshot);
  }

  trouble(sentence: string): void {
    this.note = `  (trying again: ${sentence})`;
    if (this.last !== undefined) this.draw(this.last);
  }

  close(): void {
    if (this.last !== undefined) this.bars.stop();
  }

  private draw(snapshot: Snapshot): void {
    const { job, progress, units, at } = snapshot;
    const begun = new Map(units.map((unit) => [unit.unit, unit]));
    this.line(0, 0, "{text}", { text: titleOf(snapshot) + this.note });
    this.line(1, progress.share, "{name} {bar} {text}", {
      name: "Total".padEnd(NAME_WIDTH),
      text: totalText(progress),
    });
    this.line(2, 0, "{text}", { text: `Units    ${counted(job.units, "unit")}: ${describePhases(progress)}` });
    const pace = paceOf(progress);
    this.line(3, 0, "{text}", { text: pace === "" ? "" : `Pace     ${pace}` });
    if (job.units > MOST_UNIT_BARS) this.retries(snapshot);
    for (let number = 0; job.units <= MOST_UNIT_BARS && number < job.units; number++) {
      const unit = begun.get(number);
      const share = unit === undefined ? 0 : unitShare(job, unit);
      const name = `Unit ${number}`.padEnd(NAME_WIDTH);
      this.line(HEAD + number, share, "{name} {bar} {text}", { name, text: unitText(unit, share, at) });
    }
    this.bars.update();
  }

  /** Lines cannot be taken away again: those that are not needed any more are empty. */
  private retries({ progress, at }: Snapshot): void {
    const shown = describeRetries(progress, MOST_RETRIES, at);
    const count = Math.max(shown.length, this.lines.length - HEAD);
    for (let index = 0; index < count; index++) this.line(HEAD + index, 0, "{text}", { text: shown[index] ?? "" });
  }

  /** Sets one line, which is made when it is first needed. */
  private line(index: number, share: number, format: string, payload: Record<string, string>): void {
    const line = this.lines[index];
    if (line !== undefined) line.update(share, payload);
    else this.lines[index] = this.bars.create(1, share, payload, { format });
  }
}

function titleOf({ job, progress }: Snapshot): string {
  return `${job.id}: ${describeWork(job)}, ${job.state}, ${duration(progress.seconds)}`;
}

/** What holds the job back, or why a worker paused it; of a job that writes, its outcomes too. */
function paceOf({ state, reason, writing, ...progress }: JobProgress): string {
  const pace = state === "paused" ? oneLine(reason ?? "") : describeBottleneck({ state, ...progress });
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
