/** What Step Functions keeps about executions. */
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type HistoryEvent,
  ListMapRunsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { pauseMs } from "../../local/pauseMs";

export async function historyOf(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const found: HistoryEvent[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client }, { executionArn, maxResults: 1_000 })) {
    found.push(...events);
  }
  return found;
}

/** ARNs of the successful executions that the Map Runs of an execution started. The local cloud keeps 1,000 of a run. */
export async function childrenOf(client: SFNClient, executionArn: string): Promise<string[]> {
  const { mapRuns = [] } = await client.send(new ListMapRunsCommand({ executionArn }));
  const found: string[] = [];
  for (const { mapRunArn } of mapRuns) {
    const query = { mapRunArn, statusFilter: "SUCCEEDED" } as const;
    for await (const { executions = [] } of paginateListExecutions({ client }, query)) {
      found.push(...executions.map((child) => child.executionArn!));
    }
  }
  return found;
}

/** Bytes of the largest input, output or parameters that the events have. */
export function largestData(events: readonly HistoryEvent[]): number {
  const details = events.flatMap((event) => Object.values(event).filter((value) => typeof value === "object"));
  const texts = details.flatMap((detail: Record<string, unknown>) => [detail.input, detail.output, detail.parameters]);
  return Math.max(...texts.map((text) => (typeof text === "string" ? Buffer.byteLength(text) : 0)));
}

/** An execution that has ended. */
export async function endOf(client: SFNClient, executionArn: string): Promise<DescribeExecutionOutput> {
  const started = Date.now();
  for (;;) {
    const found = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (found.status !== "RUNNING") return found;
    await new Promise((wake) => setTimeout(wake, pauseMs(Date.now() - started)));
  }
}
