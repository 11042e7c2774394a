/** Figures from the workers' log. */
export interface WorkerLog {
  /** Runs that a fault rule really killed; without runs that ended before that time. */
  killed: number;
  /** Runs that ran into the function's time-out. */
  timedOut: number;
  /** Deliveries that met a chain held by another worker, and went back to the queue. */
  held: number;
  /** Deliveries that went back for another reason, by its code: a page may have been under way. */
  interrupted: Record<string, number>;
  /**
   * Turns at chains by how they ended: ended, continued, retired, stale, parked, unknown. Of the workflow driver its tasks by how
   * they ended: done, failed, continued, held, parked, stale.
   */
  chains: Record<string, number>;
  /** Stretches of work on units by how they ended: done, failed, retried, lost, paused, retired, stopped, fatal. */
  units: Record<string, number>;
}

/** Reads structured log lines; a killed function's last ones may be missing. */
export function workerLog(text: string): WorkerLog {
  const log: WorkerLog = { killed: 0, timedOut: 0, held: 0, interrupted: {}, chains: {}, units: {} };
  for (const line of text.split("\n")) {
    const fields = parse(line);
    if (/killed by a fault rule/.test(String(fields.errorMessage))) log.killed++;
    if (fields.errorType === "Sandbox.Timedout") log.timedOut++;
    if (fields.message === "back to the queue") returned(log, fields.error as { code?: string; name?: string });
    const [, what, end] = /^(chain|task|unit) ([a-z]+)$/.exec(String(fields.message)) ?? [];
    if (end !== undefined) count(what === "unit" ? log.units : log.chains, end);
  }
  return log;
}

function returned(log: WorkerLog, { code, name = "unknown" }: { code?: string; name?: string } = {}): void {
  const why = code ?? name;
  if (why === "CHAIN_HELD") log.held++;
  else count(log.interrupted, why);
}

function count(into: Record<string, number>, what: string): void {
  into[what] = (into[what] ?? 0) + 1;
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
