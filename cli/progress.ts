import cliProgress from "cli-progress";

/** Reports the progress of a piece of work. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** Fewer than this are done before anybody could read a bar. */
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
