import type { Faults } from "./faults";
import { draw } from "./random";

/** The faults of one invocation. */
export interface InvocationFaults {
  /** Milliseconds after which the instance is killed. */
  killAfterMs?: number;
  /** The handler is never called: the time-out ends it. */
  hang: boolean;
}

/** The faults of one invocation of a function. */
export function invocationFaults(faults: Faults, functionName: string): InvocationFaults {
  const struck = faults.strike({
    service: "lambda",
    action: "Invoke",
    resource: functionName,
    byRole: true,
    inside: true,
  });
  const result: InvocationFaults = { hang: struck.some(({ fault }) => fault.kind === "hang") };
  for (const { fault, random } of struck) {
    if (fault.kind === "kill") result.killAfterMs = Math.min(result.killAfterMs ?? Infinity, draw(fault.ms, random));
  }
  return result;
}

/** Whether a new instance of the function fails to load its handler. */
export function failsToLoad(faults: Faults, functionName: string): boolean {
  const struck = faults.strike({
    service: "lambda",
    action: "Load",
    resource: functionName,
    byRole: true,
    inside: true,
  });
  return struck.some(({ fault }) => fault.kind === "failToLoad");
}
