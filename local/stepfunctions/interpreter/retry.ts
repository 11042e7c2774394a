import type { Catcher, Retrier } from "../definition/definition";
import { RuntimeFailure, type StateError } from "../stateError";

/** Counts the retries of one visit to a state, separately for each retrier. */
export class Retries {
  readonly #retriers: readonly Retrier[];
  readonly #used = new Map<Retrier, number>();
  readonly #isTask: boolean;
  #count = 0;

  constructor(retriers: readonly Retrier[], isTask: boolean) {
    this.#retriers = retriers;
    this.#isTask = isTask;
  }

  /** `$$.State.RetryCount`. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes a retry.
   * @param random numbers in [0, 1).
   * @returns milliseconds to wait before it; undefined if there is no retry, or none left.
   */
  next(error: StateError, random: () => number): number | undefined {
    const retrier = this.#retriers.find(({ ErrorEquals }) => matchesError(ErrorEquals, error, this.#isTask));
    if (!retrier) return undefined;
    const used = this.#used.get(retrier) ?? 0;
    if (used >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.#used.set(retrier, used + 1);
    this.#count++;
    return delayMs(retrier, used, random);
  }
}

/** Milliseconds before a retry, by the number of earlier ones. */
export function delayMs(retrier: Retrier, used: number, random: () => number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity, JitterStrategy } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** used, MaxDelaySeconds);
  return (JitterStrategy === "FULL" ? seconds * random() : seconds) * 1000;
}

export function catcherOf(catchers: readonly Catcher[], error: StateError, isTask: boolean): Catcher | undefined {
  return catchers.find(({ ErrorEquals }) => matchesError(ErrorEquals, error, isTask));
}

/**
 * Whether a list of names matches an error. The wildcards don't match errors that AWS calls terminal.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
function matchesError(names: readonly string[], error: StateError, isTask: boolean): boolean {
  if (error instanceof RuntimeFailure) return false;
  const named = names.some((name) => name === error.error || name === error.alias);
  if (named || error.error === "States.DataLimitExceeded") return named;
  return (
    names.includes("States.ALL") || (isTask && names.includes("States.TaskFailed") && error.error !== "States.Timeout")
  );
}
