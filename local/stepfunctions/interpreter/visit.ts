import type { Json } from "../../../shared/json";
import type { State, States } from "../definition/definition";
import type { Level } from "./level";

/** A state at work. */
export interface Visit<S extends State = State> {
  name: string;
  state: S;
  /** The state's input after `InputPath`. */
  input: Json;
  /** The context object. */
  context: Json;
  level: Level;
  /** Runs the states inside of a state. */
  runInside(states: States, input: Json, level: Level): Promise<Json>;
}

/** The result of a state's own work, before `ResultSelector`, `ResultPath` and `OutputPath`. */
export interface ActionResult {
  result: Json;
  next: string | undefined;
}
