/** Figures from the functions' logs. */
export interface LogFigures {
  /** Invocations that a fault rule really killed; without invocations that ended before that time. */
  killed: number;
  /** Invocations that ran into the function's time-out. */
  timedOut: number;
  /** Records that were handed back to the queue after retries in the invocation. */
  handedBack: number;
  /** Deliveries of submissions that were counted before: repeats, redeliveries, lost answers. */
  duplicates: number;
  /** Longest time from SQS's taking a message until it was done, in seconds. */
  oldestSeconds: number;
}

/** Reads structured log lines and embedded metrics; a killed function's last lines may be missing. */
export function logFigures(logs: string): LogFigures {
  const figures: LogFigures = { killed: 0, timedOut: 0, handedBack: 0, duplicates: 0, oldestSeconds: 0 };
  for (const line of logs.split("\n")) {
    const fields = parse(line);
    if (/killed by a fault rule/.test(String(fields.errorMessage))) figures.killed++;
    if (fields.errorType === "Sandbox.Timedout") figures.timedOut++;
    figures.handedBack += sum(fields.TransientFailures);
    figures.duplicates += sum(fields.Duplicates);
    const oldest = Math.max(0, ...numbers(fields.SubmissionAge)) / 1_000;
    figures.oldestSeconds = Math.max(figures.oldestSeconds, oldest);
  }
  return figures;
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** A metric of one invocation is a number, or a list of them. */
function numbers(value: unknown): number[] {
  return value === undefined ? [] : [value].flat().map(Number);
}

function sum(value: unknown): number {
  return numbers(value).reduce((a, b) => a + b, 0);
}
