import type { Json } from "../../../shared/json";
import type { State, States } from "../definition/definition";
import { place, select } from "../language/paths";
import { fill } from "../language/template";
import { isTooLarge, textOf } from "../limits";
import { RuntimeFailure, StateError, tooLarge } from "../stateError";
import { runAction } from "./actions";
import { dataDetails, type Level } from "./level";
import { catcherOf, Retries } from "./retry";
import { sleep } from "./waiting";

/** The end of a visit to a state; without a next state the execution or the iteration ends. */
interface Outcome {
  output: Json;
  next: string | undefined;
}

/**
 * Runs states from the first to one that ends, and writes the history.
 * @returns the output of the last one.
 * @throws StateError, or the reason of the level's signal if it aborts.
 */
export async function runStates({ StartAt, States }: States, input: Json, level: Level): Promise<Json> {
  let outcome: Outcome = { output: input, next: StartAt };
  while (outcome.next !== undefined) {
    level.signal.throwIfAborted();
    outcome = await runState(outcome.next, States[outcome.next] as State, outcome.output, level);
  }
  return outcome.output;
}

async function runState(name: string, state: State, input: Json, level: Level): Promise<Outcome> {
  const { history, line, world } = level;
  const entered = history.add(line, `${state.Type}StateEntered`, { ...dataDetails("input", textOf(input)), name });
  const enteredAt = new Date(world.clock.now()).toISOString();
  level.open = state.Type === "Fail" ? undefined : state.Type;
  const isTask = state.Type === "Task";
  const { Retry = [], Catch = [] } = state.Type === "Task" || state.Type === "Map" ? state : {};
  const retries = new Retries(Retry, isTask);
  for (;;) {
    const RetryCount = isTask || state.Type === "Map" ? { RetryCount: retries.count } : {};
    const context = { ...level.context, State: { EnteredTime: enteredAt, Name: name, ...RetryCount } };
    try {
      return exit(name, state, await visit(name, state, input, context, level), level);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const explained = explain(error, name, entered);
      const waitMs = retries.next(explained, world.random);
      if (waitMs !== undefined) {
        await sleep(world.clock, waitMs, level.signal);
        continue;
      }
      // A mistake in data ends the execution, not the state.
      if (state.Type === "Map" && !(error instanceof RuntimeFailure)) history.add(line, "MapStateFailed");
      const catcher = catcherOf(Catch, explained, isTask);
      if (!catcher) throw explained;
      const output = place(catcher.ResultPath, input, { Error: explained.error ?? "", Cause: explained.cause ?? "" });
      return exit(name, state, { output, next: catcher.Next }, level);
    }
  }
}

/** One attempt: the state's own work between its input and its output. */
async function visit(name: string, state: State, input: Json, context: Json, level: Level): Promise<Outcome> {
  const effective = state.Type === "Fail" ? input : select(state.InputPath, input, context);
  const { result, next } = await runAction({ name, state, input: effective, context, level, runInside: runStates });
  const selector = "ResultSelector" in state ? state.ResultSelector : undefined;
  const selected = selector === undefined ? result : fill(selector, { data: result, context }, level.world.random);
  const placed = "ResultPath" in state ? place(state.ResultPath, input, selected) : selected;
  const output = state.Type === "Fail" ? placed : select(state.OutputPath, placed, context);
  return { output, next };
}

function exit(name: string, state: State, outcome: Outcome, level: Level): Outcome {
  const text = textOf(outcome.output);
  if (isTooLarge(text)) throw tooLarge(name);
  level.history.add(level.line, `${state.Type}StateExited`, { name, ...dataDetails("output", text) });
  level.open = undefined;
  return outcome;
}

/** AWS names the state of a mistake. Errors inside a Map state have that text already. */
function explain(error: StateError, name: string, entered: number): StateError {
  if (!(error instanceof RuntimeFailure) || /^(An error occurred|The execution reached)/.test(error.cause ?? ""))
    return error;
  const where = `An error occurred while executing the state '${name}' (entered at the event id #${entered}).`;
  return new RuntimeFailure(`${where} ${error.cause}`);
}
