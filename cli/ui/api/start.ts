/** Estimates and starts jobs, as the commands `estimate`, `start`, `jobs redrive` and `jobs undo` do. */

import { SluiceError } from "../../../shared/errors";
import type { Origin } from "../../../shared/jobs/audit";
import type { StartAnswer } from "../../../shared/jobs/startFunction";
import type { StartRequest } from "../../../shared/jobs/startRequest";
import { RequestProblems } from "../../errors";
import { redriveOf } from "../../failures/redriveJob";
import { renderAnswer } from "../../jobs/verbs";
import { cloneRequest } from "../../start/cloneRequest";
import { changedBy } from "../../start/consent";
import { askEstimate, estimateBeforeStart } from "../../start/estimate";
import { checkLocalList, uploadList } from "../../start/localList";
import { alternatives, estimateFigures, estimateNotes } from "../../start/renderEstimate";
import { type IdentifiedRequest, localListOf, newJobId } from "../../start/request";
import { type Input, untilStart } from "../../start/startJob";
import { checkUndo, undoneTable, undoRequest } from "../../start/undoRequest";
import { isRefusal, startAsOperator } from "../../startFunction";
import { describeBill } from "../../text/bill";
import type { DoneDocument, EstimateDocument, FormDocument, FormValues } from "../contract";
import type { Desk } from "../desk";
import { formFields, problemsOf, requestOf, valuesOf } from "./startForm";

/** The form, empty or filled with another job's request. @throws SluiceError NO_SUCH_JOB */
export async function formDocument(desk: Desk, cloned: string | undefined): Promise<FormDocument> {
  const values = cloned === undefined ? {} : valuesOf(cloneRequest(await desk.operator.control.read(cloned)));
  const { operation = "job" } = values;
  return { ...formFields(), jobId: newJobId(String(operation), desk.clock.now(), desk.random), values };
}

/** @throws RequestProblems */
export async function estimateDocument(desk: Desk, values: FormValues, jobId: string): Promise<EstimateDocument> {
  const given = requestOf(values, jobId);
  const input = await inputOf(desk, given);
  // The start function has to see a list of keys. It is removed afterwards, because nothing is started.
  const estimate = await askEstimate(desk.operator, input.request, desk.prices).finally(() => input.withdraw?.());
  if ("problems" in estimate) throw problemsOf(estimate.problems, estimate.code);
  const changes = changedBy(given);
  return {
    figures: [...estimateFigures(estimate), ["Cost", describeBill(estimate.bill)]],
    warnings: estimate.warnings,
    notes: [...alternatives(estimate), ...estimateNotes(estimate)],
    ...(changes === undefined ? {} : { changes }),
  };
}

export interface Confirmed {
  /** Name of the table that changes, as the person typed it. */
  readonly confirm?: string | undefined;
}

/** @throws RequestProblems; SluiceError NOT_CONFIRMED if the job changes a table and the person didn't type its name */
export async function startFromForm(
  desk: Desk,
  { values, jobId, confirm }: Confirmed & { readonly values: FormValues; readonly jobId: string },
): Promise<DoneDocument> {
  const given = requestOf(values, jobId);
  return startWith(desk, () => inputOf(desk, given), given, confirm);
}

export interface Rates {
  readonly readRate?: number | string;
  readonly writeRate?: number | string;
}

/** Starts a job over the failures of another one. */
export async function redrive(desk: Desk, id: string, rates: Rates & Confirmed): Promise<DoneDocument> {
  const { operator, clock, random } = desk;
  const { confirm, ...changes } = rates;
  const job = await operator.control.read(id);
  const jobId = newJobId(job.operation.name, clock.now(), random);
  const found = await redriveOf(operator, job, { ...changes, jobId });
  if (found === undefined) throw new SluiceError("NO_FAILURES", `Job ${id} has no failures to redrive.`);
  return startWith(desk, found.input, found.request, confirm, { action: "redrive", job: id });
}

/** Starts a job that puts back what another one has changed. */
export async function undo(desk: Desk, id: string, rates: Rates & Confirmed): Promise<DoneDocument> {
  const { operator, clock, random } = desk;
  const { confirm, ...changes } = rates;
  const job = await operator.control.read(id);
  checkUndo(job);
  const table = undoneTable(job);
  confirmed(table, confirm);
  const given = { operation: "undo", table, ...changes, jobId: newJobId("undo", clock.now(), random) };
  const request = await undoRequest(operator, job, given, clock);
  return started(await invokeOrRefuse(desk, request, { action: "undo", job: id }));
}

async function startWith(
  desk: Desk,
  prepare: () => Promise<Input>,
  given: IdentifiedRequest,
  confirm: string | undefined,
  origin?: Origin,
): Promise<DoneDocument> {
  const changed = changedBy(given);
  confirmed(changed, confirm);
  const input = await prepare();
  await untilStart(input, async () => {
    const { refusal, changes } = await estimateBeforeStart(desk.operator, input.request, desk.prices);
    if (refusal !== undefined) throw problemsOf(refusal.problems, refusal.code);
    confirmed(changes, confirm);
  });
  try {
    return started(await invokeOrRefuse(desk, input.request, origin));
  } catch (error) {
    // After any other error the job may have been started, and needs its input.
    if (error instanceof RequestProblems) await input.withdraw?.();
    throw error;
  }
}

/** @throws SluiceError NOT_CONFIRMED */
function confirmed(table: string | undefined, confirm: string | undefined): void {
  if (table === undefined || confirm === table) return;
  const message = `This job changes table ${table}. Type the table's name to start it.`;
  throw new SluiceError("NOT_CONFIRMED", message, { value: table });
}

async function invokeOrRefuse({ operator }: Desk, request: StartRequest, origin?: Origin): Promise<StartAnswer> {
  const answer = await startAsOperator(operator, request, origin);
  if (isRefusal(answer)) throw problemsOf(answer.problems, answer.code);
  return answer;
}

function started(answer: StartAnswer): DoneDocument {
  return { message: renderAnswer(answer), warnings: answer.warnings ?? [], job: answer.job };
}

async function inputOf({ operator, root }: Desk, request: IdentifiedRequest): Promise<Input> {
  const list = localListOf(request);
  if (list === undefined) return { request };
  await checkLocalList(list, root);
  return uploadList(operator, request, { path: list, root });
}
