import type { Json } from "../../../shared/json";
import type { ChoiceState, FailState, PassState, WaitState } from "../definition/definition";
import { isDistributed } from "../definition/definition";
import { matches, timestamp } from "../language/choice";
import { read } from "../language/paths";
import { evaluateField, fill } from "../language/template";
import { RuntimeFailure, StateError } from "../stateError";
import { runDistributedMap } from "./distributedMap";
import { runInlineMap } from "./inlineMap";
import { numberOf } from "./numbers";
import { runTask } from "./task";
import type { ActionResult, Visit } from "./visit";
import { sleep } from "./waiting";

/** Does what the type of the state asks for. @throws StateError. */
export async function runAction(visit: Visit): Promise<ActionResult> {
  const { state, input } = visit;
  switch (state.Type) {
    case "Task":
      return { result: await runTask({ ...visit, state }), next: state.Next };
    case "Map": {
      const run = isDistributed(state) ? runDistributedMap : runInlineMap;
      return { result: await run({ ...visit, state }), next: state.Next };
    }
    case "Wait":
      await sleep(visit.level.world.clock, waitMs({ ...visit, state }), visit.level.signal);
      return { result: input, next: state.Next };
    case "Pass":
      return { result: passed({ ...visit, state }), next: state.Next };
    case "Choice":
      return { result: input, next: chosen({ ...visit, state }) };
    case "Succeed":
      return { result: input, next: undefined };
    case "Fail":
      throw failure({ ...visit, state });
  }
}

function passed({ state, input, context, level }: Visit<PassState>): Json {
  if (state.Result !== undefined) return state.Result;
  if (state.Parameters === undefined) return input;
  return fill(state.Parameters, { data: input, context }, level.world.random);
}

function chosen({ state, input, context }: Visit<ChoiceState>): string {
  const choice = state.Choices.find((rule) => matches(rule, { data: input, context }));
  const next = choice?.Next ?? state.Default;
  if (next !== undefined) return next;
  throw new StateError("States.NoChoiceMatched", "No choice rule matched, and the state has no Default.");
}

/** Milliseconds that a Wait state takes. */
function waitMs({ state, input, context, level }: Visit<WaitState>): number {
  if (state.Seconds !== undefined) return state.Seconds * 1000;
  const source = { data: input, context };
  if (state.SecondsPath !== undefined) return numberOf("SecondsPath", state.SecondsPath, source) * 1000;
  const time = state.TimestampPath === undefined ? state.Timestamp : read(state.TimestampPath, source);
  const until = timestamp(time);
  if (until !== undefined) return Math.max(0, until - level.world.clock.now());
  throw new RuntimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${state.TimestampPath} == ${time}`,
  );
}

function failure({ state, input, context, level }: Visit<FailState>): StateError {
  const textAt = (field: string, expression: string | undefined): string | undefined => {
    if (expression === undefined) return undefined;
    const value = evaluateField(field, expression, { data: input, context }, level.world.random);
    if (typeof value === "string") return value;
    throw new RuntimeFailure(`The ${field} field must refer to a string, got ${JSON.stringify(value)}: ${expression}`);
  };
  const error = state.Error ?? textAt("ErrorPath", state.ErrorPath);
  return new StateError(error, state.Cause ?? textAt("CausePath", state.CausePath));
}
