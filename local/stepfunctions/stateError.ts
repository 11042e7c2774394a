import { LIMITS } from "./limits";

/** An error that a state ends with, by the name that Retry and Catch match. */
export class StateError extends Error {
  override readonly name = "StateError";
  /** The error's name, such as `States.Timeout`; undefined if a Fail state has none. */
  readonly error: string | undefined;
  override readonly cause: string | undefined;
  /** Another name under which Retry and Catch know it. */
  readonly alias: string | undefined;

  constructor(error: string | undefined, cause?: string, alias?: string) {
    super(`${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
    this.alias = alias;
  }
}

/** A mistake in a definition or its data that shows only at run time. Nothing retries or catches it. */
export class RuntimeFailure extends StateError {
  constructor(cause: string) {
    super("States.Runtime", cause);
  }
}

/** The execution's history is full. Nothing retries or catches it. */
export class HistoryFull extends RuntimeFailure {
  constructor() {
    super(`The execution reached the maximum number of history events (${LIMITS.historyEvents}).`);
  }
}

/** @param what the name of a state, or of the function that its task calls. */
export function tooLarge(what: string): StateError {
  const cause = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateError("States.DataLimitExceeded", cause);
}
