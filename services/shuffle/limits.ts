/**
 * The documented limits that the workflow driver keeps to, and its own bounds below them.
 *
 * Source, unless another one is given: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */

/** Hard quotas of AWS. */
export const AWS_LIMITS = {
  /** "25,000 events in a single state machine execution history. If [it] reaches this quota, the execution will fail." */
  historyEvents: 25_000,
  /** "Maximum input or output size for a task, state, or execution: 256 KiB of data as a UTF-8 encoded string." */
  stateBytes: 262_144,
  /**
   * "This mode supports up to 40 concurrent iterations."
   * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
   */
  inlineConcurrency: 40,
  /** "Maximum number of parallel child executions within a single Map Run: 10,000", begun "at up to 100 TPS". */
  distributedConcurrency: 10_000,
  /** "Maximum execution time: 1 year." */
  executionSeconds: 365 * 86_400,
} as const;

/** The bounds of an execution. */
export interface Bounds {
  /** Events of an execution's history, with any number of retries. */
  readonly historyEvents: number;
  /** Bytes of the state between two states. */
  readonly stateBytes: number;
  readonly inlineConcurrency: number;
  readonly distributedConcurrency: number;
}

/** Below the quotas, because an execution can't go on beyond them, not even to record why. */
export const OWN_BOUNDS: Bounds = {
  historyEvents: 20_000,
  stateBytes: 32_768,
  inlineConcurrency: AWS_LIMITS.inlineConcurrency,
  distributedConcurrency: AWS_LIMITS.distributedConcurrency,
};

/** Bytes of the state without the list of numbers. By design: id, epoch, ARN, times and an error's cause. */
export const REST_BYTES = 8_192;

/** Time-out of an execution, seconds. It is below AWS's year, so that our own time-out counts. */
export const EXECUTION_SECONDS = 360 * 86_400;

/** The longest wait of a round's lanes, seconds: the `until` of GenerateShuffledNumbers is at most this far ahead. */
export const ROUND_SECONDS = 7 * 86_400;

/**
 * Most rounds of an execution; then the next execution continues. More rounds would leave less history for an inline Map in the
 * last round.
 */
export const MOST_ROUNDS = 20;
