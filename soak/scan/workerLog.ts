/** What the workers' log shows of a run. */
export interface WorkerLog {
  /** Runs that a fault rule really killed; one that was over before its time is not among them. */
  killed: number;
  /** Runs that ran into the function's time-out. */
  timedOut: number;
  /** Deliveries that met a unit in another worker's hands, and went back to the queue. */
  held: number;
  /** Deliveries that went back for another reason, by its code: a page may have been under way. */
  interrupted: Record<string, number>;
}

/** Reads structured log lines; a killed function's last ones may be missing. */
export function workerLog(text: string): WorkerLog {
  const log: WorkerLog = { killed: 0, timedOut: 0, held: 0, interrupted: {} };
  for (const line of text.split("\n")) {
    const fields = parse(line);
    if (/killed by a fault rule/.test(String(fields.errorMessage))) log.killed++;
    if (fields.errorType === "Sandbox.Timedout") log.timedOut++;
    if (fields.message === "back to the queue") returned(log, fields.error as { code?: string; name?: string });
  }
  return log;
}

function returned(log: WorkerLog, { code, name = "unknown" }: { code?: string; name?: string } = {}): void {
  const why = code ?? name;
  if (why === "UNIT_HELD") log.held++;
  else log.interrupted[why] = (log.interrupted[why] ?? 0) + 1;
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
