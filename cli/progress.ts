import cliProgress from "cli-progress";
import type { Clock } from "../shared/clock";
import { columnsOf } from "./terminal";

/** Reports the progress of a piece of work. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** Fewer pieces than this are done before anybody could read a bar. */
const WORTH_A_BAR = 20;

/** A progress bar on a terminal, for work that is long enough; otherwise nothing. Never on standard output. */
export function progressBar(
  label: string,
  total: number,
  stream: NodeJS.WriteStream | NodeJS.WritableStream,
): Progress {
  if (!("isTTY" in stream && stream.isTTY) || total < WORTH_A_BAR) return { update: () => {}, stop: () => {} };
  const format = `${label} {bar} {value}/{total} | {eta_formatted} left`;
  const bar = new cliProgress.SingleBar({ format, stream, hideCursor: true }, cliProgress.Presets.shades_classic);
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}

/** How often the line changes on a terminal, and how often a new line follows elsewhere, milliseconds. */
const TICK_MS = { terminal: 1_000, lines: 5_000 } as const;

/** Shows what the user is waiting for. */
export interface Waiting {
  /** Shows the next thing to wait for, in place of the one before. */
  next(label: string): void;
  /** Ends the line. Whatever is printed next starts on a line of its own. */
  stop(): void;
}

/** Shows at once what the user is waiting for, and then for how long, until it is stopped. */
export function waiting(label: string, stream: NodeJS.WritableStream & { isTTY?: boolean }, clock: Clock): Waiting {
  let stop = countSeconds(label, stream, clock);
  return {
    next(another) {
      stop();
      stop = countSeconds(another, stream, clock);
    },
    stop: () => stop(),
  };
}

function countSeconds(label: string, stream: NodeJS.WritableStream & { isTTY?: boolean }, clock: Clock): () => void {
  const [from, stopped] = [clock.now(), new AbortController()];
  const [tickMs, begin, end] = stream.isTTY ? [TICK_MS.terminal, "\r", ""] : [TICK_MS.lines, "", "\n"];
  stream.write(`${fitting(label, "", stream)}${end}`);
  const tick = async () => {
    for (;;) {
      await clock.sleep(tickMs, stopped.signal);
      stream.write(`${begin}${fitting(label, ` ${Math.round((clock.now() - from) / 1_000)} s`, stream)}${end}`);
    }
  };
  // Ends by being stopped.
  tick().catch(() => undefined);
  return () => {
    if (stream.isTTY && !stopped.signal.aborted) stream.write("\n");
    stopped.abort();
  };
}

/** The label before the time. A line that a terminal breaks can't be replaced, so it is cut to be one column narrower. */
function fitting(label: string, time: string, stream: NodeJS.WritableStream): string {
  const room = (columnsOf(stream) ?? Number.POSITIVE_INFINITY) - 1 - time.length;
  return `${label.length <= room ? label : `${label.slice(0, Math.max(0, room - 2)).trimEnd()} …`}${time}`;
}
