/**
 * The state machine of the workflow driver in the model: how it goes on after a task's answer. A task is a message that comes
 * until it is answered. Number n has the task of chain n, the summary has the task of the chain behind the last number, and
 * `GENERATE` lists the numbers. A task's turn is the epoch.
 */
import type { NumberStep, Numbers, Summary } from "../../../../shared/drivers/driver";
import { idOf, type Message } from "./message";

/** The task that lists the numbers. */
export const GENERATE = -2;

/** A worker's answer to its task. */
export type TaskAnswer = Numbers | NumberStep | Summary;

interface Execution {
  readonly units: number;
  readonly now: number;
}

/** An execution has the name of its epoch, so an execution that is started twice runs once. */
export function startExecution(messages: readonly Message[], epoch: number, now: number): Message[] {
  const started = messages.some(({ id }) => id === idOf(GENERATE, epoch));
  return started ? [...messages] : schedule(messages, GENERATE, epoch, now);
}

/** A copy of a task is a second delivery. Its answer ends only the copy, and has no other effect. */
export function answerTask(
  messages: readonly Message[],
  receipt: string,
  answer: TaskAnswer,
  execution: Execution,
): Message[] {
  const { now, units } = execution;
  const task = messages.find(({ id }) => id === receipt)!;
  const { chain, turn: epoch } = task;
  const visibleAt = chain >= 0 && chain < units ? comesAgain(answer as NumberStep, now) : undefined;
  const after = messages.map((each) => (each === task ? { ...task, visibleAt } : each));
  if (receipt !== idOf(chain, epoch)) return after;
  if (chain === GENERATE) return mapOver((answer as Numbers).numbers, after, epoch, execution);
  if (chain < units) return isMapping(after, epoch, execution) ? after : schedule(after, units, epoch, now);
  const summary = answer as Summary;
  return summary.state === "left" ? schedule(after, GENERATE, epoch, summary.at) : after;
}

/** A worker that was stopped: the state machine repeats its task at once. */
export function retryTask(messages: readonly Message[], receipt: string, now: number): Message[] {
  return messages.map((each) => (each.id === receipt ? { ...each, visibleAt: now } : each));
}

/** Whether a task of the epoch, or of a later one, is still to be answered. */
export function isExecuting(messages: readonly Message[], epoch: number): boolean {
  return messages.some(
    ({ id, chain, turn, visibleAt }) => turn >= epoch && visibleAt !== undefined && id === idOf(chain, turn),
  );
}

function mapOver(numbers: readonly number[], messages: readonly Message[], epoch: number, { units, now }: Execution) {
  const tasks = numbers.length === 0 ? [units] : numbers;
  return tasks.reduce((before, chain) => schedule(before, chain, epoch, now), [...messages]);
}

function isMapping(messages: readonly Message[], epoch: number, { units }: Execution): boolean {
  return isExecuting(
    messages.filter(({ chain, turn }) => turn === epoch && chain >= 0 && chain < units),
    epoch,
  );
}

/** A lease is over only after its last millisecond. */
function comesAgain(step: NumberStep, now: number): number | undefined {
  if (step.state === "held") return step.at + 1;
  return step.state === "continued" ? Math.max(now, step.at) : undefined;
}

function schedule(messages: readonly Message[], chain: number, turn: number, visibleAt: number): Message[] {
  const id = idOf(chain, turn);
  const others = messages.filter((each) => each.id !== id);
  return [...others, { id, chain, turn, unit: undefined, visibleAt }];
}
