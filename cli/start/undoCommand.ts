/** `jobs undo`: starts the job that puts back what another job has changed. */
import type { Command } from "commander";
import { retryTransient } from "../../shared/aws/transient";
import { SluiceError } from "../../shared/errors";
import { isActive, type Job } from "../../shared/jobs/job";
import { type StartRequest, startOptions } from "../../shared/jobs/startRequest";
import { workersLeft } from "../../shared/jobs/workersLeft";
import type { WritingResult } from "../../shared/operations/changeItems";
import { ownPrefix } from "../../shared/operations/ownPrefix";
import { operationNamed } from "../../shared/operations/registry";
import { listUnitObjects, putBeforeManifest } from "../../shared/writing/before/manifest";
import { complain } from "../io";
import { renderAnswer, renderRefusal } from "../jobs/verbs";
import { watchJob } from "../jobs/watchJob";
import type { Operator } from "../operator";
import type { Attach, Session } from "../session";
import { invokeStart, isRefusal } from "../startFunction";
import { toJson } from "../text/json";
import { Consent, YES_FLAG } from "./consent";
import { newJobId, type StartFlags, startRequest } from "./request";

const HELP = `
Puts back what job <id> changed, if it was started with --keep-before: former
values where the item is still as that job left it, deleted items where nothing
has taken their place. The others are on the list of failures as conflicts.
Items that a copy or an undo has put are read before they are deleted, at the
write rate if there is no --read-rate.

Examples:
  jobs undo update-20251122-101303-k3xq --write-rate 500
  jobs undo update-20251122-101303-k3xq --write-rate 500 --keep-before --yes --watch`;

/** How long a call that fails for a passing reason is repeated, milliseconds. */
const RETRY_MS = 60_000;
/** How long to wait for the workers of a job that was just paused, and how often to look, milliseconds. */
const WORKERS_MS = 20_000;
const LOOK_MS = 1_000;

/** Of a start's options those that make sense here. */
const options = ["writeRate", "readRate", "limitGroup", "maxFailures", "keepItems", "keepBefore", "jobId"] as const;

export function addUndoCommand(jobs: Command, attach: Attach): void {
  const undo = jobs.command("undo").description("Start a job that puts back what another job has changed.");
  undo.argument("<id>", "the job that is undone").addHelpText("after", HELP);
  for (const name of options) undo.option(startOptions[name].flag, startOptions[name].help);
  undo.option(...YES_FLAG).option("--watch", "go on as `jobs watch`");
  attach<StartFlags>(undo, (session, [id], flags) => undoCommand(session, id!, flags));
}

/**
 * @returns the exit code: 0 started, 1 refused.
 * @throws SluiceError USAGE, NO_SUCH_JOB, NOT_UNDOABLE, WRONG_STATE, WORKERS_LEFT
 */
async function undoCommand(session: Session, id: string, flags: StartFlags): Promise<number> {
  const { io } = session;
  const operator = await session.operator();
  const job = await operator.control.read(id);
  refuse(job);
  const table = job.work.to ?? job.work.table;
  const given = startRequest("undo", table, flags, newJobId("undo", io.clock.now(), io.random));
  if (!(await new Consent(io, "undoing", flags.yes === true).given(table))) {
    session.print(toJson({ undo: id, started: false }, 2), "Nothing was started.");
    return 1;
  }
  await untilWorkersAreGone(session, operator, job);
  const source = await formerValues(operator, job, table);
  // The spark driver can't undo; the queue driver can what it did.
  const driver = job.driver === "spark" ? undefined : job.driver;
  const request: StartRequest = { ...given, source, ...(driver && { driver }) };
  const answer = await invokeStart(operator.lambda, operator.startFunction, request);
  if (isRefusal(answer)) {
    if (session.json) session.print(toJson(answer, 2), "");
    else complain(io, renderRefusal("Not started", answer), 1);
    return 1;
  }
  for (const warning of session.json ? [] : (answer.warnings ?? [])) complain(io, `Warning: ${warning}`, 0);
  const watch = flags.watch === true;
  const next = watch ? "" : `\nTo watch it: ${session.hint(`jobs watch ${answer.job}`)}`;
  session.print(toJson(answer, watch ? undefined : 2), renderAnswer(answer) + next);
  return watch ? watchJob(session, answer.job) : 0;
}

/** @throws SluiceError NOT_UNDOABLE, WRONG_STATE */
function refuse(job: Job): void {
  const { id, state, operation } = job;
  if (job.target === undefined || operation.params.dryRun === true) {
    throw refused("NOT_UNDOABLE", `Job ${id} changed nothing, so there is nothing to undo.`, id);
  }
  if (operation.params.keepBefore !== true) {
    const how = "it was started without --keep-before";
    throw refused("NOT_UNDOABLE", `Job ${id} cannot be undone: ${how}, so nobody knows the former values.`, id);
  }
  if (isActive(job))
    throw refused("WRONG_STATE", `Job ${id} is ${state}: pause or cancel it before it is undone.`, state);
}

function refused(code: string, message: string, value: unknown): SluiceError {
  return new SluiceError(code, message, { value });
}

/** @throws SluiceError WORKERS_LEFT */
async function untilWorkersAreGone({ io: { clock } }: Session, operator: Operator, job: Job): Promise<void> {
  const { dynamodb: client, jobsTable: table } = operator;
  const options = { client, table, retry, now: () => clock.now() };
  for (const until = clock.now() + WORKERS_MS; ; await clock.sleep(LOOK_MS)) {
    const left = await workersLeft(job, options, "undone");
    if (left === undefined) return;
    if (clock.now() >= until) throw left;
  }
}

/** Where the former values are, as a source. @throws SluiceError NOT_UNDOABLE: there are none. */
async function formerValues(operator: Operator, job: Job, table: string): Promise<string> {
  const { resultsBucket: bucket } = operator;
  const key = job.state === "completed" ? manifestIn(job) : await putManifest(operator, job, table);
  if (key === undefined)
    throw refused("NOT_UNDOABLE", `Job ${job.id} changed nothing, so there is nothing to undo.`, job.id);
  return `records:s3://${bucket}/${key}`;
}

/** The manifest that the job's end has written. */
function manifestIn({ result }: Job): string | undefined {
  return (result as WritingResult | undefined)?.beforeManifest?.key;
}

/** A job that did not reach its end has no manifest, and may have objects that no checkpoint counts. */
async function putManifest({ s3, resultsBucket }: Operator, job: Job, table: string): Promise<string | undefined> {
  const store = { s3, bucket: resultsBucket, retry, signal: AbortSignal.timeout(RETRY_MS) };
  const { id, operation } = job;
  const prefix = ownPrefix(operation.name, id);
  const units = await listUnitObjects(store, prefix);
  if (units.length === 0) return undefined;
  const reads = operationNamed(operation.name)?.puts ?? false;
  return putBeforeManifest(store, prefix, { job: id, table, reads, units });
}

function retry<T>(call: () => Promise<T>): Promise<T> {
  return retryTransient(call, AbortSignal.timeout(RETRY_MS));
}
