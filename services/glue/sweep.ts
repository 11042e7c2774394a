/** What the schedule sends to the function that handles the ends of runs. */
import { isPlainObject } from "../../shared/json";

/** Asks for the ends whose events were lost. */
export interface Sweep {
  /** Name of the Glue job whose runs to look at. */
  readonly sweep: string;
}

export function isSweep(event: unknown): event is Sweep {
  return isPlainObject(event) && typeof event.sweep === "string";
}
