/** Runs a job of `npm start` and shows its progress. */
import { BarsView } from "../cli/jobs/barsView";
import { LinesView } from "../cli/jobs/linesView";
import { jobSource, SnapshotReader } from "../cli/jobs/snapshot";
import { watch } from "../cli/jobs/watch";
import type { Operator } from "../cli/operator";
import type { Waiting } from "../cli/progress";
import { isRefusal, startAsOperator } from "../cli/startFunction";
import { systemClock } from "../shared/clock";
import type { StartRequest } from "../shared/jobs/startRequest";

export interface DemonstrationIo {
  /** The stream for bars and lines of progress. */
  output: NodeJS.WriteStream;
  say: (line: string) => void;
  /** Shows what the demonstration waits for besides jobs; `say` ends it. */
  doing: Waiting;
  signal: AbortSignal;
}

/** @returns the job's result, its average read rate (RCU/s), and its duration, seconds. */
export async function run<Result>(
  operator: Operator,
  request: StartRequest,
  { output, signal }: Pick<DemonstrationIo, "output" | "signal">,
): Promise<{ result: Result; rcu: number; seconds: number }> {
  const answer = await startAsOperator(operator, request);
  if (isRefusal(answer)) throw new Error(`The job was refused: ${answer.problems.join(" ")}`);
  const reader = new SnapshotReader(jobSource(operator, answer.job), systemClock);
  const view = output.isTTY ? new BarsView(output) : new LinesView(output, output);
  const end = await watch({ read: () => reader.read(), view, clock: systemClock, signal });
  if (end === undefined) throw signal.reason;
  const { state, counts, seconds, result, failures, reason } = end.progress;
  if (state !== "completed") {
    const why = failures[0]?.reason ?? reason ?? "see its log";
    throw new Error(`Job ${answer.job} is ${state}: ${why}`);
  }
  return { result: result as Result, rcu: counts.rcu / seconds, seconds };
}
