/** The functions that the state machine invokes, and common parts of the definition. Pure. */

/** A function as the definition needs it. */
export interface InvokedFunction {
  readonly arn: string;
  /** Time-out, seconds. */
  readonly timeoutSeconds: number;
}

export interface Functions {
  /** Makes a job from a start request, and opens a job's next epoch. */
  readonly start: InvokedFunction;
  readonly generate: InvokedFunction;
  readonly processReading: InvokedFunction;
  /** Absent: no job of the stack changes a table. */
  readonly processWriting?: InvokedFunction;
  readonly summarize: InvokedFunction;
}

/** Place of GenerateShuffledNumbers' answer. */
export const GENERATED = "$.generated.answer";

/** The input about the job that every function gets. */
export const identity = { "job.$": "$.job", "epoch.$": "$.epoch" } as const;

/** A rule of a Choice. */
export function equals(Variable: string, StringEquals: string, Next: string) {
  return { Variable, StringEquals, Next };
}
