/**
 * Looks at a run that has ended: keeps what it used, and makes sure that its job does not stay active without a worker.
 *
 *   the run's job is active, and the run failed, timed out or was stopped ─► the job is stopped: failed, and can be resumed
 *   all its units have ended, whatever the run's end                      ─► a message ─► a worker of the unit queue ends the job
 *
 * The event may come late, twice or out of order, so each step may be repeated. A run of an earlier epoch changes nothing.
 */
import { EntityNotFoundException, GetJobRunCommand, type GlueClient, type JobRun } from "@aws-sdk/client-glue";
import type { Clock } from "../../shared/clock";
import { LEAST_BILLED_SECONDS } from "../../shared/cost/dpuSeconds";
import type { Driver } from "../../shared/drivers/driver";
import { jobOfRun } from "../../shared/drivers/spark/runArguments";
import { badEnd, type RunEnd } from "../../shared/drivers/spark/runEnd";
import { nextTurn } from "../../shared/engine/crew";
import { hasEnded, tallyOf } from "../../shared/engine/tally";
import { firstTurn } from "../../shared/engine/turns";
import { epochBegunAt, isActive, type Job, type JobHead } from "../../shared/jobs/job";
import type { RunUse } from "../../shared/jobs/storage/runs";
import type { ChainStore, JobStore, UnitStore } from "../../shared/jobs/stores";
import { variable } from "../../shared/runtime/environment";

/** The environment of the function. */
export const settleVariables = {
  JOBS_TABLE: variable.text,
  UNIT_QUEUE_URL: variable.text,
  // Absent where no job of the stack changes a table.
  WRITING_QUEUE_URL: variable.optionalText,
};

export interface SettleParts {
  readonly glue: Pick<GlueClient, "send">;
  readonly jobsTable: string;
  readonly jobs: Pick<JobStore, "read" | "stop">;
  readonly units: Pick<UnitStore, "list">;
  readonly chains: Pick<ChainStore, "read">;
  /** Keeps what a run used, unless the job is being deleted. */
  readonly keepRun: (job: JobHead, use: RunUse) => Promise<void>;
  /** The unit queue whose workers know the job's operation. */
  readonly queueOf: (job: Job) => Driver;
  readonly clock: Pick<Clock, "now">;
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/**
 * The effect on the run's job. `stopped`: the job has failed; `handed on`: a worker of the unit queue ends it; `over`:
 * it was no longer active, or another run works on it; `unknown`: the run belongs to no job here.
 */
export interface Settled {
  readonly state: "stopped" | "handed on" | "over" | "unknown";
  readonly job?: string;
  /** Why the run ended badly. Absent: it ended well, or it belongs to no job here. */
  readonly reason?: string;
}

/** States of a run that has ended. */
export const FINAL: readonly string[] = ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED", "ERROR", "EXPIRED"];

export async function settleRun(end: RunEnd, parts: SettleParts): Promise<Settled> {
  if (!FINAL.includes(end.state)) return { state: "over" };
  const run = await runOf(end, parts);
  const id = jobOfRun(run?.Arguments, parts.jobsTable);
  const job = id === undefined ? undefined : await parts.jobs.read(id);
  // An earlier job may have had its id.
  if (run === undefined || job === undefined || job.deleting || startOf(run) < job.createdAt)
    return { state: "unknown" };
  await parts.keepRun(job, useOf(end.run, run));
  const reason = badEnd(end);
  const state = await settle(job, { ...run, Id: end.run }, reason, parts);
  return { state, job: job.id, ...(reason === undefined ? {} : { reason }) };
}

/** Whether the end of this run would still change something for its job. */
export function isUnsettled(job: JobHead, run: JobRun): boolean {
  if (job.driver !== "spark") return false;
  return isActive(job) ? worksOn(run, job) : isUnpublished(job);
}

/**
 * The job's end was not published, because an earlier delivery of this event was interrupted, or the task that stopped
 * the job was.
 */
function isUnpublished(job: JobHead): boolean {
  return job.state === "failed" && !job.announced;
}

async function settle(
  job: Job,
  run: JobRun,
  reason: string | undefined,
  parts: SettleParts,
): Promise<Settled["state"]> {
  const { clock, units, jobs } = parts;
  if (!isUnsettled(job, run)) return "over";
  if (isActive(job)) {
    const ended = hasEnded(tallyOf(await units.list(job.id), job, clock.now()), job);
    const stopped = reason !== undefined && !ended && (await jobs.stop(job, reason, clock.now()));
    await sendOn(job, parts);
    return stopped ? "stopped" : "handed on";
  }
  await sendOn(job, parts);
  return "over";
}

/** The worker finds that all units have ended, or that the job has failed, and publishes that. As tasks send it: engine/worker.py. */
async function sendOn(job: Job, { queueOf, chains }: SettleParts): Promise<void> {
  // Tasks may have sent such messages before; one of an earlier turn would be stale.
  const turn = Math.max(nextTurn(await chains.read(job.id, 0)), firstTurn(job.epoch));
  await queueOf(job).dispatch([{ job: job.id, chain: 0, turn }]);
}

/** Whether it is this run that works on the job's epoch. While the job is `starting`, its id isn't recorded. */
function worksOn(run: JobRun, job: JobHead): boolean {
  return job.state === "starting" ? startOf(run) >= epochBegunAt(job) : job.execution === run.Id;
}

/** Undefined: Glue no longer knows the run. */
async function runOf({ glueJob, run }: RunEnd, { glue, retry }: SettleParts): Promise<JobRun | undefined> {
  try {
    return (await retry(() => glue.send(new GetJobRunCommand({ JobName: glueJob, RunId: run })))).JobRun;
  } catch (error) {
    if (error instanceof EntityNotFoundException) return undefined;
    throw error;
  }
}

function startOf({ StartedOn }: JobRun): number {
  return StartedOn?.getTime() ?? 0;
}

/** With class FLEX, Glue itself reports what it bills, because workers come and go. */
function useOf(run: string, { ExecutionTime = 0, MaxCapacity = 0, DPUSeconds, ExecutionClass }: JobRun): RunUse {
  const dpuSeconds = DPUSeconds ?? Math.max(LEAST_BILLED_SECONDS, ExecutionTime) * MaxCapacity;
  return { run, dpuSeconds, flex: ExecutionClass === "FLEX" };
}
