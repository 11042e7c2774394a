import type { HistoryEvent } from "./interpreter/history";

export interface LoggingConfiguration {
  level: "ALL" | "ERROR" | "FATAL" | "OFF";
  includeExecutionData: boolean;
  /** ARN of a log group, with `:*` at its end. */
  logDestination: string | undefined;
}

/** Events that a level logs. https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const LOGGED: Readonly<Record<LoggingConfiguration["level"], RegExp>> = {
  ALL: /./,
  ERROR: /(Failed|TimedOut|Aborted)$/,
  FATAL: /^Execution(Failed|TimedOut|Aborted)$/,
  OFF: /^$/,
};

/** Fields of details that hold data. */
const DATA: readonly string[] = ["input", "inputDetails", "output", "outputDetails", "parameters"];

/** Writes the events of an execution to the log group, as JSON lines. */
export function executionLog(
  { level, includeExecutionData, logDestination = "" }: LoggingConfiguration,
  executionArn: string,
  write: (logGroup: string, text: string) => void,
): (event: HistoryEvent) => void {
  const logGroup = logDestination.replace(/^.*:log-group:/, "").replace(/:\*$/, "");
  return ({ id, previousEventId, type, timestamp, details = {} }) => {
    if (!LOGGED[level].test(type)) return;
    const shown = Object.entries(details).filter(([field]) => includeExecutionData || !DATA.includes(field));
    const line = {
      id: String(id),
      type,
      details: Object.fromEntries(shown),
      previous_event_id: String(previousEventId),
      event_timestamp: String(timestamp),
      execution_arn: executionArn,
    };
    write(logGroup, `${JSON.stringify(line)}\n`);
  };
}
