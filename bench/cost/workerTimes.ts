/** What workers report of their time, once for each message that they took. */
export interface WorkerTimes {
  /** Milliseconds of the turns that were reported, and of those the ones spent waiting for capacity. */
  readonly ms: number;
  readonly waitedMs: number;
}

/** How services/scanner/report.ts begins the line of a turn at a chain; the outcome follows. */
const TURN = /^chain (ended|continued|retired|stale|parked|unknown)$/;

/** Sums up structured log lines; undefined where no line reports any. */
export function workerTimes(text: string): WorkerTimes | undefined {
  const lines = text.split("\n").map(parse);
  const reports = lines.filter(
    ({ message, ms, waitedMs }) => TURN.test(String(message)) && isTime(ms) && isTime(waitedMs),
  );
  if (reports.length === 0) return undefined;
  const sum = (name: "ms" | "waitedMs") => reports.reduce((total, line) => total + Number(line[name]), 0);
  return { ms: sum("ms"), waitedMs: sum("waitedMs") };
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
