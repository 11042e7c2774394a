import { timeOfDay } from "../text/format";
import { toJson } from "../text/json";
import { describeProgress } from "./describe";
import type { Snapshot } from "./snapshot";
import type { WatchView } from "./watch";

/** Between two lines that tell nothing but progress. */
const EVERY_MS = 5_000;

/** Where there is no terminal: a line every few seconds, and at once when state or rate are changed. */
export class LinesView implements WatchView {
  private last: Snapshot | undefined;

  constructor(
    private readonly stdout: NodeJS.WritableStream,
    private readonly stderr: NodeJS.WritableStream,
  ) {}

  show(snapshot: Snapshot): void {
    if (!worthALine(snapshot, this.last)) return;
    this.last = snapshot;
    this.stdout.write(`${timeOfDay(snapshot.at)}  ${describeProgress(snapshot.progress)}\n`);
  }

  trouble(sentence: string): void {
    this.stderr.write(`Trying again: ${sentence}\n`);
  }

  close(): void {}
}

function worthALine({ progress, at }: Snapshot, last: Snapshot | undefined): boolean {
  if (last === undefined || at - last.at >= EVERY_MS) return true;
  const { state, targetRcuPerSecond } = last.progress;
  return progress.state !== state || progress.targetRcuPerSecond !== targetRcuPerSecond;
}

/** For programs: the progress as one line of JSON with each look at the job; `at`: milliseconds since the epoch. */
export class JsonView implements WatchView {
  constructor(
    private readonly stdout: NodeJS.WritableStream,
    private readonly stderr: NodeJS.WritableStream,
  ) {}

  show({ progress, at }: Snapshot): void {
    this.stdout.write(`${toJson({ at, ...progress })}\n`);
  }

  trouble(sentence: string): void {
    this.stderr.write(`Trying again: ${sentence}\n`);
  }

  close(): void {}
}
