import cliProgress from "cli-progress";

/** The progress of a soak. */
export interface Standing {
  phase: string;
  /** Messages that SQS has confirmed. */
  confirmed: number;
  /** Messages that are not done: waiting, or hidden after a failure. */
  backlog: number;
}

/** Shows the soak's progress: a bar on a terminal, otherwise a line every ten seconds and at each new phase. */
export interface SoakProgress {
  show(standing: Standing): void;
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

/** @param now milliseconds from the start. */
export function soakProgress(
  total: number,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  now: () => number,
): SoakProgress {
  return stream.isTTY ? bar(total, stream) : lines(total, stream, now);
}

function bar(total: number, stream: NodeJS.WritableStream): SoakProgress {
  const format = "{bar} {value}/{total} done | {confirmed} sent, {backlog} in the queue | {phase}";
  const single = new cliProgress.SingleBar({ format, stream, hideCursor: true }, cliProgress.Presets.shades_classic);
  single.start(total, 0, { confirmed: 0, backlog: 0, phase: "" });
  return { show: (standing) => single.update(done(standing), standing), stop: () => single.stop() };
}

function lines(total: number, stream: NodeJS.WritableStream, now: () => number): SoakProgress {
  let last: { phase: string; at: number } | undefined;
  const show = (standing: Standing) => {
    const at = now();
    if (last?.phase === standing.phase && at - last.at < LINE_EVERY_MS) return;
    last = { phase: standing.phase, at };
    const { phase, confirmed, backlog } = standing;
    const seconds = String(Math.round(at / 1_000)).padStart(4);
    stream.write(
      `${seconds} s: ${done(standing)} of ${total} done, ${confirmed} sent, ${backlog} in the queue; ${phase}\n`,
    );
  };
  return { show, stop: () => undefined };
}

function done({ confirmed, backlog }: Standing): number {
  return Math.max(0, confirmed - backlog);
}
