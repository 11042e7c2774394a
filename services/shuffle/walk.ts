/**
 * Walks through a definition like an execution, and counts its events and transitions. Pure.
 *
 * Events are those of https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html; a transition is a state
 * that is entered, or a retry: "each retry will be charged as an additional state transition"
 * (https://aws.amazon.com/step-functions/pricing/).
 */
import type { Choice, MapState, States, Task } from "./states";

/** The way that an execution takes. */
export interface Way {
  /** The next state after a Choice. It must be one of the Choice's own. */
  readonly choose: (choice: string) => string;
  /** Whether a task's attempts all fail, so that its Catch decides. */
  readonly fails: (task: string) => boolean;
  /** Failed attempts at each task before the one that counts. */
  readonly retries: number;
  /** Lanes of a Map, and the path that each takes. */
  readonly lanes: number;
  readonly lane: () => Way;
}

export interface Walked {
  /** Names of the states, in order, without those of lanes. */
  readonly path: readonly string[];
  readonly events: number;
  /** Including those of all children. */
  readonly transitions: number;
  /** Events of each child execution; 0: there is none. */
  readonly childEvents: number;
}

type Step = Omit<Walked, "path"> & { readonly next: string | undefined };

/** A longer loop counts as endless. */
const MOST_STEPS = 100_000;
/** ExecutionStarted, and ExecutionSucceeded or ExecutionFailed. */
const EXECUTION_EVENTS = 2;
const ENTERED_AND_EXITED = 2;
/** MapIterationStarted and MapIterationSucceeded. */
const ITERATION_EVENTS = 2;
/** MapStateStarted and MapStateSucceeded. */
const MAP_EVENTS = 2;
/** MapRunStarted and MapRunSucceeded. */
const MAP_RUN_EVENTS = 2;
/** Scheduled, Started, and Failed or Succeeded. */
const ATTEMPT_EVENTS = 3;

/** A whole execution. @throws Error if the path leaves the definition, or never ends */
export function walkExecution(machine: States, way: Way): Walked {
  const walked = walk(machine, way);
  return { ...walked, events: walked.events + EXECUTION_EVENTS };
}

function walk({ StartAt, States }: States, way: Way): Walked {
  const path: string[] = [];
  const sum = { events: 0, transitions: 0, childEvents: 0 };
  let name: string | undefined = StartAt;
  while (name !== undefined) {
    const step: Step = stepFrom(name, States, way);
    path.push(name);
    sum.events += step.events;
    sum.transitions += step.transitions;
    sum.childEvents = Math.max(sum.childEvents, step.childEvents);
    if (path.length > MOST_STEPS) throw new Error(`the path never ends: ${path.slice(0, 20).join(", ")} …`);
    name = step.next;
  }
  return { path, ...sum };
}

function stepFrom(name: string, states: States["States"], way: Way): Step {
  const state = states[name];
  if (state === undefined) throw new Error(`the definition has no state ${name}`);
  const once = { events: ENTERED_AND_EXITED, transitions: 1, childEvents: 0 };
  switch (state.Type) {
    case "Task":
      return taskStep(name, state, way);
    case "Map":
      return mapStep(state, way);
    case "Choice":
      return { ...once, next: chosen(name, state, way) };
    case "Fail":
      // A Fail state has no exit event.
      return { ...once, events: 1, next: undefined };
    case "Succeed":
      return { ...once, next: undefined };
    default:
      return { ...once, next: nextOf(state) };
  }
}

function taskStep(name: string, state: Task, { fails, retries }: Way): Step {
  const next = fails(name) ? state.Catch[0]!.Next : nextOf(state);
  return {
    events: ENTERED_AND_EXITED + ATTEMPT_EVENTS * (1 + retries),
    transitions: 1 + retries,
    childEvents: 0,
    next,
  };
}

function mapStep(state: MapState, { lanes, lane }: Way): Step {
  const { ItemProcessor: processor } = state;
  const distributed = processor.ProcessorConfig.Mode === "DISTRIBUTED";
  const each = walk(processor, lane());
  return {
    events: ENTERED_AND_EXITED + MAP_EVENTS + (distributed ? MAP_RUN_EVENTS : lanes * (ITERATION_EVENTS + each.events)),
    transitions: 1 + lanes * each.transitions,
    childEvents: distributed ? EXECUTION_EVENTS + each.events : 0,
    next: nextOf(state),
  };
}

function chosen(name: string, { Choices, Default }: Choice, { choose }: Way): string {
  const next = choose(name);
  if (next === Default || Choices.some(({ Next }) => Next === next)) return next;
  throw new Error(`the Choice ${name} does not lead to ${next}`);
}

function nextOf(state: { readonly Next: string } | { readonly End: true }): string | undefined {
  return "Next" in state ? state.Next : undefined;
}
