import { timeOfDay } from "../text/format";
import { describeProgress, describeRetries } from "./describe";
import type { Snapshot } from "./snapshot";
import type { WatchView } from "./watch";

/** Time between two lines while only figures change, milliseconds. */
const EVERY_MS = 5_000;
/** Units that are retrying, named below a line. */
const MOST_RETRIES = 3;

/**
 * The view without a terminal: a line every few seconds, and one at once when state or rate change, when units begin or stop
 * retrying, or when reading begins to fail.
 */
export class LinesView implements WatchView {
  private last: Snapshot | undefined;
  /** The trouble of the last look. */
  private reported: string | undefined;

  constructor(
    private readonly stdout: NodeJS.WritableStream,
    private readonly stderr: NodeJS.WritableStream,
  ) {}

  show(snapshot: Snapshot): void {
    this.reported = undefined;
    if (!worthALine(snapshot, this.last)) return;
    this.last = snapshot;
    const { at, progress } = snapshot;
    const lines = [`${timeOfDay(at)}  ${describeProgress(progress)}`, ...describeRetries(progress, MOST_RETRIES, at)];
    this.stdout.write(`${lines.join("\n")}\n`);
  }

  trouble(sentence: string): void {
    if (sentence === this.reported) return;
    this.reported = sentence;
    this.stderr.write(`Trying again: ${sentence}\n`);
  }

  close(): void {}
}

function worthALine({ progress, at }: Snapshot, last: Snapshot | undefined): boolean {
  if (last === undefined || at - last.at >= EVERY_MS) return true;
  const { state, targetRcuPerSecond, retries, writing } = last.progress;
  if (progress.retries.length > 0 !== retries.length > 0) return true;
  if (progress.writing?.targetWcuPerSecond !== writing?.targetWcuPerSecond) return true;
  return progress.state !== state || progress.targetRcuPerSecond !== targetRcuPerSecond;
}
