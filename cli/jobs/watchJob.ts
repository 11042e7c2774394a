import { EXIT, interrupted } from "../errors";
import type { Session } from "../session";
import { duration, percent } from "../text/format";
import { toJson } from "../text/json";
import { BarsView } from "./barsView";
import { describeFailures, describeItems, describeResult } from "./describe";
import { describeCodes, describeOutcomes } from "./describeWriting";
import { progressDocument } from "./documents";
import { LinesView } from "./linesView";
import { jobSource, type Snapshot, SnapshotReader } from "./snapshot";
import { type WatchView, watch } from "./watch";

/** Failed units named at the end; `jobs show` has all. */
const MOST_FAILURES = 10;

/**
 * Watches a job and prints how it ended; with --json as one document.
 *
 * @param more further fields of the document. @returns the exit code: 0 if the job is completed
 * @throws SluiceError `INTERRUPTED` if Ctrl-C ended the watching
 */
export async function watchJob(session: Session, id: string, more: object = {}): Promise<number> {
  const { io } = session;
  const reader = new SnapshotReader(jobSource(await session.operator(), id), io.clock);
  const signal = session.interruptible();
  const end = await watch({ read: () => reader.read(), view: viewOf(session), clock: io.clock, signal });
  if (end === undefined) {
    const again = session.hint(`jobs watch ${id}`);
    throw interrupted(`Stopped watching; job ${id} goes on. To watch again: ${again}`);
  }
  session.print(toJson({ ...more, ...progressDocument(end) }, 2), renderEnd(end, session.hint(`jobs resume ${id}`)));
  return end.job.state === "completed" ? EXIT.done : EXIT.failed;
}

function viewOf({ io, json }: Session): WatchView {
  // Standard output is for the document alone.
  if (json) return new LinesView(io.stderr, io.stderr);
  if ("isTTY" in io.stdout && io.stdout.isTTY) return new BarsView(io.stdout);
  return new LinesView(io.stdout, io.stderr);
}

function failureHint({ job, progress: { writing } }: Snapshot): string[] {
  const codes = describeCodes(writing?.failures ?? {});
  return codes === "" ? [] : [`Failures: ${codes}. \`jobs failures ${job.id}\` lists them.`];
}

/** The outcome of a job that has ended. `resume`: the command that works on the missing units. */
export function renderEnd(end: Snapshot, resume: string): string {
  const { job, progress } = end;
  const { counts, seconds, units, result, share, writing } = progress;
  const used = writing === undefined || counts.rcu > 0 ? [`${Math.round(counts.rcu)} RCU`] : [];
  const written = writing === undefined ? [] : [describeOutcomes(writing), `${Math.round(writing.consumed.table)} WCU`];
  const figures = [describeItems(counts), ...written, ...used, duration(seconds)].join(", ");
  if (job.state === "cancelled") return `Job ${job.id} was cancelled at about ${percent(share)}: ${figures}.`;
  if (job.state === "completed") {
    const lines = [`Job ${job.id} is completed: ${figures}.`];
    if (writing !== undefined) return [...lines, ...failureHint(end)].join("\n");
    if (result !== undefined) return [...lines, `Result: ${describeResult(result)}`].join("\n");
    const own = end.units.some((unit) => unit.result !== undefined);
    return [...lines, ...(own ? ["Each unit has a result of its own; `jobs show --json` prints them."] : [])].join(
      "\n",
    );
  }
  if (progress.reason !== undefined) {
    return [`Job ${job.id} failed: ${progress.reason} (${figures}).`, `To try that again: ${resume}`].join("\n");
  }
  return [
    `Job ${job.id} failed: ${units.failed} of ${units.total} units failed, the others are done (${figures}).`,
    ...describeFailures(progress, MOST_FAILURES),
    `To work on the failed units again: ${resume}`,
  ].join("\n");
}
