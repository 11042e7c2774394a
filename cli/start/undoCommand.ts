/** `jobs undo`: starts the job that puts back what another job has changed. */
import type { Command } from "commander";
import { startOptions } from "../../shared/jobs/startRequest";
import { checkUsage } from "../command";
import { jobId } from "../jobId";
import { refused } from "../jobs/verbs";
import { readFlags, type StartFlags } from "../requestFlags";
import type { Attach, Session } from "../session";
import { isRefusal, startAsOperator } from "../startFunction";
import { toJson } from "../text/json";
import { Consent, YES_FLAG } from "./consent";
import { newJobId } from "./request";
import { mayHaveStarted, started } from "./startJob";
import { checkUndo, undoneTable, undoRequest } from "./undoRequest";

const HELP = `
Puts back what job <id> changed, if it was started with --keep-before. An item
that is still as that job left it gets its former values. A deleted item comes
back, unless something has taken its place. An item that others have changed since
is listed as a failure with the code CONFLICT. To undo a copy or an undo, the job
reads items before it deletes them, at the write rate if there is no --read-rate.

Examples:
  jobs undo update-20251122-101303-k3xq --write-rate 500
  jobs undo update-20251122-101303-k3xq --write-rate 500 --keep-before --yes --watch`;

/** The options of a start that make sense here. */
const options = ["writeRate", "readRate", "limitGroup", "maxFailures", "keepItems", "keepBefore", "jobId"] as const;

export function addUndoCommand(jobs: Command, attach: Attach): void {
  const undo = jobs.command("undo").description("Start a job that puts back what another job has changed.");
  undo.argument("<id>", "the job that is undone", jobId).addHelpText("after", HELP);
  for (const name of options) undo.option(startOptions[name].flag, startOptions[name].help);
  undo.option(...YES_FLAG).option("--watch", "then watch the job, as `jobs watch` does");
  attach<StartFlags>(undo, (session, [id], flags) => undoCommand(session, id!, flags));
}

/**
 * @returns the exit code: 0 started, 1 refused.
 * @throws SluiceError USAGE, NO_SUCH_JOB, NOT_UNDOABLE, WRONG_STATE, WORKERS_LEFT
 */
async function undoCommand(session: Session, id: string, flags: StartFlags): Promise<number> {
  const { io } = session;
  const options = await session.read(() => readFlags(flags));
  await session.read(() => checkUsage("writeRate" in flags ? [] : ["--write-rate must be given."]));
  const consent = new Consent(io, "undoing", flags.yes === true);
  await session.read(() => consent.check(id, `the table of job ${id}`));
  const operator = await session.operator();
  const job = await operator.control.read(id);
  checkUndo(job);
  const table = undoneTable(job);
  const given = { operation: "undo", table, jobId: newJobId("undo", io.clock.now(), io.random), ...options };
  if (!(await consent.given(table))) {
    session.print(toJson({ undo: id, started: false }, 2), "Nothing was started.");
    return 1;
  }
  const request = await undoRequest(operator, job, given, io.clock);
  session.ifInterrupted(mayHaveStarted(session, request));
  const answer = await startAsOperator(operator, request, { action: "undo", job: id });
  if (isRefusal(answer)) throw refused("Not started", answer);
  return started(session, answer, flags.watch === true);
}
