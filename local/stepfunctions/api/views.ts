import type { Execution } from "../execution";
import type { HistoryEvent } from "../interpreter/history";
import type { MapRun } from "../mapRuns/mapRun";
import type { StateMachine } from "../stateMachines";

/** Fields of details that hold data. */
const DATA: readonly string[] = ["input", "inputDetails", "output", "outputDetails", "parameters"];
const NOT_REDRIVABLE = {
  redriveCount: 0,
  redriveStatus: "NOT_REDRIVABLE",
  redriveStatusReason: "The local cloud does not redrive executions",
};

/** A time as the JSON protocols write it: seconds since the epoch. */
export function seconds(ms: number): number {
  return ms / 1000;
}

/** As in ListExecutions. */
export function listedExecution({ options, status, startedAt, end }: Execution): object {
  const { arn, name, stateMachineArn, mapRunArn } = options;
  return {
    executionArn: arn,
    name,
    stateMachineArn,
    status,
    startDate: seconds(startedAt),
    ...(end === undefined ? {} : { stopDate: seconds(end.at) }),
    ...(mapRunArn === undefined ? {} : { mapRunArn, itemCount: 1 }),
    redriveCount: 0,
  };
}

/** As in DescribeExecution. */
export function describedExecution(execution: Execution, isMetadataOnly: boolean): object {
  const { end, options } = execution;
  const { itemCount: _, ...listed } = listedExecution(execution) as { itemCount?: number };
  const included = !isMetadataOnly;
  return {
    ...listed,
    ...NOT_REDRIVABLE,
    ...(included ? { input: options.input } : {}),
    inputDetails: { included },
    ...(included && end?.output !== undefined ? { output: end.output } : {}),
    ...(end?.output === undefined ? {} : { outputDetails: { included } }),
    ...(end?.error === undefined ? {} : { error: end.error }),
    ...(end?.cause === undefined ? {} : { cause: end.cause }),
  };
}

/** As in GetExecutionHistory. */
export function shownEvent(event: HistoryEvent, includeData: boolean): object {
  const { id, previousEventId, type, timestamp, details } = event;
  const shown = { id, previousEventId, type, timestamp: seconds(timestamp) };
  if (details === undefined) return shown;
  const kept = Object.entries(details).filter(([field]) => includeData || !DATA.includes(field));
  return { ...shown, [detailsField(type)]: Object.fromEntries(kept) };
}

/** Events of states being entered and left share their details; each other event has its own field. */
function detailsField(type: string): string {
  const ofState = /^(?:Task|Map|Wait|Choice|Pass|Succeed|Fail)(State(?:Entered|Exited))$/.exec(type)?.[1];
  const name = ofState ?? type;
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}EventDetails`;
}

/** As in ListMapRuns. */
export function listedMapRun({ options, startedAt, endedAt }: MapRun): object {
  const { arn, executionArn, stateMachineArn } = options;
  return {
    mapRunArn: arn,
    executionArn,
    stateMachineArn,
    startDate: seconds(startedAt),
    ...(endedAt === undefined ? {} : { stopDate: seconds(endedAt) }),
  };
}

/** As in DescribeMapRun: each item has an execution of its own, so both are counted alike. */
export function describedMapRun(run: MapRun): object {
  const { stateMachineArn: _, ...listed } = listedMapRun(run) as { stateMachineArn: string };
  const { maxConcurrency, toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = run.limits;
  const counts = { ...run.counts, resultsWritten: 0 };
  return {
    ...listed,
    status: run.status,
    maxConcurrency,
    toleratedFailureCount,
    toleratedFailurePercentage,
    itemCounts: counts,
    executionCounts: counts,
    redriveCount: 0,
  };
}

/** As in DescribeStateMachine. */
export function describedStateMachine(machine: StateMachine, isMetadataOnly: boolean): object {
  const { arn, name, roleArn, definitionText, logging, tracing, createdAt } = machine;
  const { level, includeExecutionData, logDestination } = logging;
  const destinations =
    logDestination === undefined ? {} : { destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logDestination } }] };
  return {
    stateMachineArn: arn,
    name,
    status: "ACTIVE",
    ...(isMetadataOnly ? {} : { definition: definitionText }),
    roleArn,
    type: "STANDARD",
    creationDate: seconds(createdAt),
    loggingConfiguration: { level, includeExecutionData, ...destinations },
    tracingConfiguration: { enabled: tracing },
  };
}
