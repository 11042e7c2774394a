/**
 * Starts a job: puts its input in place, estimates its cost, and asks the operator to agree if it changes a table.
 *
 *   can anybody agree? ─► input (upload) ─► estimate ─► agreed? ─► start
 *                                                          └─ no, or refused: the input is withdrawn
 */
import type { Prices } from "../../shared/cost/prices";
import type { Origin } from "../../shared/jobs/audit";
import type { StartAnswer } from "../../shared/jobs/startFunction";
import type { StartRequest } from "../../shared/jobs/startRequest";
import { complain } from "../io";
import { refused, renderAnswer } from "../jobs/verbs";
import { watchJob } from "../jobs/watchJob";
import type { Operator } from "../operator";
import type { Session, WhenInterrupted } from "../session";
import { isRefusal, startAsOperator } from "../startFunction";
import { toJson } from "../text/json";
import { Consent, changedBy } from "./consent";
import { estimateBeforeStart, type Foreseen } from "./estimate";
import { renderEstimateShort } from "./renderEstimate";

/** A request whose input lies where workers can read it. */
export interface Input {
  readonly request: StartRequest;
  /** Removes what was put there for the job. Default: nothing to remove. */
  readonly withdraw?: () => Promise<void>;
}

export interface StartJobOptions {
  readonly prices: Prices;
  /** The operator has agreed to the change already. */
  readonly yes: boolean;
  /** Then watch the job, as `jobs watch` does. */
  readonly watch: boolean;
  /** The job whose redrive it is. Default: none. */
  readonly origin?: Origin;
  /** Puts the job's input in place. Default: it is there already. */
  readonly input?: (operator: Operator) => Promise<Input>;
  /** Called once the operator has agreed, because it costs something. */
  readonly afterConsent?: (operator: Operator) => Promise<Input>;
}

/** @returns the exit code. @throws SluiceError USAGE if nobody can be asked to agree, and those of invokeStart */
export async function startJob(session: Session, given: StartRequest, options: StartJobOptions): Promise<number> {
  const consent = new Consent(session.io, given.operation, options.yes);
  const changed = changedBy(given);
  consent.check(changed);
  const operator = await session.operator();
  if (options.afterConsent !== undefined && !(await consent.given(changed))) return notStarted(session, given);
  const prepare = options.afterConsent ?? options.input ?? (async (): Promise<Input> => ({ request: given }));
  const input = await preparedInput(session, "Interrupted: nothing was started.", () => prepare(operator));
  const { request } = input;
  const { estimate, agreed } = await untilStart(input, async () => {
    const { refusal, changes = changed, ...foreseen } = await estimateBeforeStart(operator, request, options.prices);
    if (changes !== undefined && refusal !== undefined) throw refused("Not started", refusal);
    const { estimate } = foreseen;
    if (estimate !== undefined && !session.json) session.io.stdout.write(`${renderEstimateShort(estimate)}\n`);
    return { estimate, agreed: await consent.given(changes) };
  });
  if (!agreed) {
    await input.withdraw?.();
    return notStarted(session, given);
  }
  session.ifInterrupted(mayHaveStarted(session, request));
  const answer = await startAsOperator(operator, request, options.origin);
  if (isRefusal(answer)) {
    await input.withdraw?.();
    throw refused("Not started", answer);
  }
  return started(session, answer, options.watch, estimate);
}

/** Puts an input in place. Ctrl-C removes it again, until the command gives Ctrl-C another meaning. @param message about Ctrl-C */
export async function preparedInput(session: Session, message: string, prepare: () => Promise<Input>): Promise<Input> {
  let preparing: Promise<Input> | undefined;
  // An input that can't be put in place leaves nothing there.
  session.ifInterrupted({ message, cleanUp: async () => (await preparing?.catch(() => undefined))?.withdraw?.() });
  preparing = prepare();
  const input = await preparing;
  session.ifInterrupted({ message, cleanUp: input.withdraw });
  return input;
}

/** Does a step before the start. If it fails, nothing will start, and the input is removed again. */
export async function untilStart<T>({ withdraw }: Input, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    // The step's error is the one to report.
    await withdraw?.().catch(() => undefined);
    throw error;
  }
}

function notStarted(session: Session, { jobId }: StartRequest): number {
  session.print(toJson({ job: jobId, started: false }, 2), "Nothing was started.");
  return 1;
}

/** Ctrl-C while the start function works. */
export function mayHaveStarted(session: Session, { jobId = "" }: StartRequest): WhenInterrupted {
  const look = session.hint(`jobs show ${jobId}`);
  return { message: `Interrupted: job ${jobId} may have been started. To find out: ${look}` };
}

/** Reports that the job is started, and watches it. @param estimate of its cost, where there is one */
export async function started(
  session: Session,
  answer: StartAnswer,
  watch: boolean,
  estimate?: Foreseen["estimate"],
): Promise<number> {
  const { io } = session;
  for (const warning of session.json ? [] : (answer.warnings ?? [])) complain(io, `Warning: ${warning}`);
  const document = estimate === undefined ? answer : { ...answer, estimate };
  if (watch) {
    if (!session.json) session.print("", renderAnswer(answer));
    return watchJob(session, answer.job, document);
  }
  const next = `\nTo watch it: ${session.hint(`jobs watch ${answer.job}`)}`;
  session.print(toJson(document, 2), renderAnswer(answer) + next);
  return 0;
}
