/** The workers' reports of their time, one for each message that they handled. */
export interface WorkerTimes {
  /** Total duration of the reported turns, and the part spent waiting for capacity, milliseconds. */
  readonly ms: number;
  readonly waitedMs: number;
}

/** The log line of shared/worker/report.ts for a turn at a chain. */
const TURN = /^chain (ended|continued|retired|stale|parked|unknown)$/;

/** Sums up structured log lines; undefined if no line reports a turn. */
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
