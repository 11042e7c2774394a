/** The events that the page receives. Each stream ends with its signal. */
import { isTransient } from "../../shared/aws/transient";
import { isActive, type JobHead } from "../../shared/jobs/job";
import { reportOf } from "../errors";
import { intakeOverview } from "./api/intake";
import { jobDocument } from "./api/jobDocument";
import { FullRows, listedJobs } from "./api/overview";
import type { JobEvent, OverviewEvent } from "./contract";
import type { Desk } from "./desk";

/** Between two looks at a job, and at the jobs of a list that are under way, milliseconds. */
const LOOK_MS = 1_000;
const ROWS_MS = 2_000;
/** A list of 50 jobs costs about 50 RCU of the jobs table. Every ten seconds, that is as much as watching one job. */
const LIST_MS = 10_000;
/** Metrics are a minute behind anyway. */
const INTAKE_MS = 10_000;

export type Send<Event> = (event: Event) => Promise<void>;

/** A stream's reading failed and is tried again. */
export interface TroubleEvent {
  readonly trouble: string;
}

/** @throws permanent errors of reading, such as SluiceError NO_SUCH_JOB */
export async function streamJob(
  desk: Desk,
  id: string,
  send: Send<JobEvent | TroubleEvent>,
  signal: AbortSignal,
): Promise<void> {
  const watch = desk.watches.of(id);
  let sent = Number.NEGATIVE_INFINITY;
  await repeat(desk, LOOK_MS, signal, send, async () => {
    const job = await jobDocument(desk, watch);
    const samples = watch.samples.filter(({ at }) => at > sent);
    sent = samples.at(-1)?.at ?? sent;
    await send({ job, samples });
  });
}

/** The newest jobs at once, then the figures of each, and the intake. */
export async function streamOverview(
  desk: Desk,
  send: Send<OverviewEvent | TroubleEvent>,
  signal: AbortSignal,
): Promise<void> {
  const rows = new FullRows(desk);
  await Promise.all([streamRows(desk, rows, send, signal), streamIntake(desk, send, signal)]);
}

async function streamRows(
  desk: Desk,
  rows: FullRows,
  send: Send<OverviewEvent | TroubleEvent>,
  signal: AbortSignal,
): Promise<void> {
  let heads: readonly JobHead[] = [];
  let listedAt = Number.NEGATIVE_INFINITY;
  await repeat(desk, ROWS_MS, signal, send, async () => {
    if (desk.clock.now() - listedAt >= LIST_MS) {
      listedAt = desk.clock.now();
      const { heads: found, ...jobs } = await listedJobs(desk, {});
      heads = found;
      await send({ jobs });
    }
    // Jobs under way come first, because the others don't change.
    for (const head of [...heads.filter(isActive), ...heads.filter((each) => !isActive(each))]) {
      if (signal.aborted) return;
      const row = await rows.of(head);
      if (row !== undefined) await send({ row });
    }
  });
}

/** A stack without intake, or an operator who may not read it, still has jobs. */
export async function streamIntake(desk: Desk, send: Send<OverviewEvent>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await send({ intake: await intakeOverview(desk) });
    } catch (error) {
      await send({ intakeProblem: reportOf(error).document.error.message });
    }
    await desk.clock.sleep(INTAKE_MS, signal).catch(() => undefined);
  }
}

/** Repeats the work, and reports failures that may pass. */
async function repeat(
  { clock }: Desk,
  everyMs: number,
  signal: AbortSignal,
  send: Send<TroubleEvent>,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await send({ trouble: reportOf(error).document.error.message });
    }
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}
