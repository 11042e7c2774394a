/** The bulk jobs' part of the smoke test: counts and exports the items that the samples made. */
import * as v from "valibot";
import type { Prices } from "../../shared/cost/prices";
import { SluiceError } from "../../shared/errors";
import { readExport } from "../../shared/exports/readExport";
import { readBill } from "../jobs/jobBill";
import { jobSource, type Snapshot, SnapshotReader } from "../jobs/snapshot";
import { watch } from "../jobs/watch";
import type { Operator } from "../operator";
import type { Session } from "../session";
import { invokePlan, invokeStart, isRefusal } from "../startFunction";
import { whole } from "../text/format";
import { participantsOf } from "./samples";

/** The most capacity units that reading a table may take. It is read twice, which costs half a cent. */
const MOST_RCU = 20_000;
const RATE = "25%";

const Counted = v.object({ items: v.number() });
const Exported = v.object({ manifest: v.string() });

export interface JobsCheckOptions {
  readonly session: Session;
  readonly operator: Operator;
  /** The run's id. */
  readonly run: string;
  readonly resultsTable: string;
  /** A table to count and export in place of the results table. */
  readonly table: string | undefined;
  /** Participants that have an item in the results table, and whom the jobs must find. */
  readonly expected: number;
  readonly prices: Prices;
  readonly signal: AbortSignal;
}

/** The jobs of a run, so that they can be deleted. */
export function jobsOf(run: string): string[] {
  return [`${run}-count`, `${run}-export`];
}

/** @returns the items that were found, and the dollars that both jobs cost. @throws SluiceError SMOKE_FAILED */
export async function checkJobs(options: JobsCheckOptions): Promise<{ items: number; dollars: number }> {
  const { run, table, expected, operator } = options;
  const [countId, exportId] = jobsOf(run) as [string, string];
  const counting = await runJob("count", countId, options);
  const { items } = v.parse(Counted, counting.result);
  const exporting = await runJob("export", exportId, options);
  const { manifest } = v.parse(Exported, exporting.result);
  let exported = 0;
  const ids = new Set<string>();
  // Read to the end, so that checksums and counts are compared.
  for await (const { user_id } of readExport(operator.s3, operator.resultsBucket, manifest)) {
    exported++;
    if (table === undefined) ids.add(user_id?.S ?? "");
  }
  const dollars = counting.dollars + exporting.dollars;
  // Others may change a table that was named.
  if (table !== undefined) return { items, dollars };
  if (items !== expected)
    throw new SluiceError("SMOKE_FAILED", `job ${countId} should count ${expected} items, got ${items}`);
  const known = participantsOf(run);
  if (exported !== expected || ids.size !== expected || [...ids].some((id) => !known.includes(id))) {
    const found = [...ids].join(", ") || "none";
    throw new SluiceError(
      "SMOKE_FAILED",
      `job ${exportId} should export the items of ${expected} participants, got ${found}`,
    );
  }
  return { items, dollars };
}

async function runJob(operation: string, jobId: string, options: JobsCheckOptions) {
  const { operator, session, prices, signal } = options;
  const request = requestOf(operation, jobId, options);
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

/** In the results table, only the items of the run count; in a table that was named, all items do. */
function requestOf(
  operation: string,
  jobId: string,
  options: Pick<JobsCheckOptions, "run" | "table" | "resultsTable">,
) {
  const { run, table, resultsTable } = options;
  const common = { operation, table: table ?? resultsTable, readRate: RATE, consistentRead: true, jobId };
  if (table !== undefined) return common;
  return { ...common, filter: "begins_with(user_id, :run)", values: { ":run": `${run}-` } };
}

/** @throws SluiceError SMOKE_FAILED if the jobs would be refused or cost too much */
export async function checkPlan(options: Pick<JobsCheckOptions, "operator" | "run" | "table" | "resultsTable">) {
  const { operator, run } = options;
  const request = requestOf("count", `${run}-count`, options);
  const answer = await invokePlan(operator, request);
  if (isRefusal(answer)) {
    throw new SluiceError("SMOKE_FAILED", `a count of table ${request.table} is refused: ${answer.problems.join(" ")}`);
  }
  const { onePassRcu } = answer.plan;
  if (onePassRcu <= MOST_RCU) return;
  const message = `reading table ${request.table} takes ${whole(onePassRcu)} RCU, more than the ${whole(MOST_RCU)} that a smoke test may cost: name a small table of the stack with --table`;
  throw new SluiceError("SMOKE_FAILED", message, { value: onePassRcu });
}
