/** The functions that the state machine invokes, and what its parts have in common. Pure. */

/** A function as the definition needs it. */
export interface InvokedFunction {
  readonly arn: string;
  /** Its longest run, seconds. */
  readonly timeoutSeconds: number;
}

export interface Functions {
  /** Makes a job of a start request, and opens the next epoch of one. */
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
