/** Changes how many units a running execution works on at once. */
import {
  ExecutionDoesNotExist,
  ListMapRunsCommand,
  type MapRunListItem,
  type SFNClient,
  UpdateMapRunCommand,
} from "@aws-sdk/client-sfn";

/** One page holds all Map Runs of an execution, which has at most one for each round. */
const MOST_MAP_RUNS = 100;

/**
 * Sets the concurrency of the execution's Map Run. If no Map Run is running, it does nothing. An inline Map has no Map
 * Run and keeps its concurrency. An ended execution has only ended Map Runs. The next round takes its concurrency from
 * the job's record.
 *
 * @param concurrency lanes at once, 1 or more.
 * @throws the SDK's error if a call fails, such as one that is not permitted.
 */
export async function setMapConcurrency(
  sfn: Pick<SFNClient, "send">,
  execution: string,
  concurrency: number,
): Promise<void> {
  const running = await runningMap(sfn, execution);
  if (running === undefined) return;
  try {
    await sfn.send(new UpdateMapRunCommand({ mapRunArn: running, maxConcurrency: concurrency }));
  } catch (error) {
    // It may have ended in between.
    if ((await runningMap(sfn, execution)) === running) throw error;
  }
}

/** ARN of the running Map Run; undefined if there is none. */
async function runningMap(sfn: Pick<SFNClient, "send">, executionArn: string): Promise<string | undefined> {
  try {
    const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn, maxResults: MOST_MAP_RUNS }));
    return mapRuns.find((run: MapRunListItem) => run.stopDate === undefined)?.mapRunArn;
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return undefined;
    throw error;
  }
}
