/** The part of bulk jobs in the smoke test: a count and an export of the items that the samples made. */
import * as v from "valibot";
import type { Prices } from "../../shared/cost/prices";
import { SluiceError } from "../../shared/errors";
import { readExport } from "../../shared/exports/readExport";
import { listPrefix } from "../../shared/jobs/inputs";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { putText } from "../../shared/results/putText";
import { readBill } from "../jobs/jobBill";
import { jobSource, type Snapshot, SnapshotReader } from "../jobs/snapshot";
import { watch } from "../jobs/watch";
import type { Operator } from "../operator";
import { resultsOf } from "../results";
import type { Session } from "../session";
import { invokePlan, invokeStart, isRefusal } from "../startFunction";
import { participantsOf } from "./samples";

/** Reading a whole table may take so many capacity units; of a larger one the run's items are read by their keys. */
const MOST_RCU = 2_000;
const RATE = "25%";

const Counted = v.object({ items: v.number() });
const Exported = v.object({ manifest: v.string() });

export interface JobsCheckOptions {
  readonly session: Session;
  readonly operator: Operator;
  /** The run's id. */
  readonly run: string;
  readonly resultsTable: string;
  /** Participants that have an item, and whom the jobs must find. */
  readonly expected: number;
  readonly prices: Prices;
  readonly signal: AbortSignal;
}

/** The jobs of a run, for whoever deletes them. */
export function jobsOf(run: string): string[] {
  return [`${run}-count`, `${run}-export`];
}

/** Where a job's list of keys lies. */
export function listOf(job: string): string {
  return `${listPrefix(job)}keys.jsonl`;
}

/** @returns dollars that both jobs cost. @throws SluiceError SMOKE_FAILED */
export async function checkJobs(options: JobsCheckOptions): Promise<number> {
  const { run, expected, operator } = options;
  const [countId, exportId] = jobsOf(run) as [string, string];
  const counting = await runJob("count", countId, options);
  const { items } = v.parse(Counted, counting.result);
  if (items !== expected) {
    throw new SluiceError("SMOKE_FAILED", `job ${countId} should count ${expected} items, got ${items}`);
  }
  const exporting = await runJob("export", exportId, options);
  const { manifest } = v.parse(Exported, exporting.result);
  const exported = new Set<string>();
  for await (const { user_id } of readExport(operator.s3, operator.resultsBucket, manifest))
    exported.add(user_id?.S ?? "");
  const strange = [...exported].filter((id) => !participantsOf(run).includes(id));
  if (exported.size !== expected || strange.length > 0) {
    const message = `job ${exportId} should export the items of ${expected} participants, got ${[...exported].join(", ") || "none"}`;
    throw new SluiceError("SMOKE_FAILED", message);
  }
  return counting.dollars + exporting.dollars;
}

async function runJob(operation: string, jobId: string, options: JobsCheckOptions) {
  const { operator, session, prices, signal } = options;
  const request = await requestOf(operation, jobId, options);
  signal.throwIfAborted();
  const answer = await invokeStart(operator.lambda, operator.startFunction, request);
  if (isRefusal(answer))
    throw new SluiceError("SMOKE_FAILED", `job ${jobId} was refused: ${answer.problems.join(" ")}`);
  const { clock } = session.io;
  const reader = new SnapshotReader(jobSource(operator, jobId), clock);
  const end = await watch({ read: () => reader.read(), view: noView, clock, signal });
  if (end === undefined) throw signal.reason;
  const { state, result, reason, failures } = end.progress;
  if (state !== "completed") {
    const why = reason ?? failures[0]?.reason ?? "its log has more";
    throw new SluiceError("SMOKE_FAILED", `job ${jobId} is ${state}: ${why}`);
  }
  return { result, dollars: (await readBill(operator, end, prices)).dollars };
}

const noView = { show: (_: Snapshot) => undefined, trouble: () => undefined, close: () => undefined };

/** Over the run's items only, whatever else is in the table. */
async function requestOf(operation: string, jobId: string, { operator, run, resultsTable: table }: JobsCheckOptions) {
  const common = { operation, table, readRate: RATE, consistentRead: true, jobId };
  const scan = { ...common, filter: "begins_with(user_id, :run)", values: { ":run": `${run}-` } } as StartRequest;
  const answer = await invokePlan(operator.lambda, operator.startFunction, scan);
  if (isRefusal(answer))
    throw new SluiceError("SMOKE_FAILED", `job ${jobId} was refused: ${answer.problems.join(" ")}`);
  if (answer.plan.onePassRcu <= MOST_RCU) return scan;
  const keys = participantsOf(run).map((id) => `${JSON.stringify({ user_id: id })}\n`);
  await putText(resultsOf(operator), listOf(jobId), keys);
  return { ...common, source: `keys:s3://${operator.resultsBucket}/${listOf(jobId)}` } as StartRequest;
}
