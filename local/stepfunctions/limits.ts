import type { Json } from "../../shared/json";

/** Quotas of Step Functions. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LIMITS = {
  /** Input or output of a state or an execution, in bytes of UTF-8. */
  dataBytes: 262_144,
  /** Characters of an execution's name. */
  nameCharacters: 80,
  /** Events in the history of an execution. */
  historyEvents: 25_000,
  /** Iterations of an inline Map state that run at once. */
  inlineIterations: 40,
  /** Child executions of a Map Run that run at once. */
  childExecutions: 10_000,
  /** Bytes of a definition. */
  definitionBytes: 1_048_576,
  /** Time-out of a task that has none of its own, seconds. */
  taskSeconds: 99_999_999,
} as const;

/** The JSON text that Step Functions passes on and counts. */
export function textOf(value: Json): string {
  return JSON.stringify(value);
}

/** Whether a text is too large for a state's input or output. */
export function isTooLarge(text: string): boolean {
  return text.length > LIMITS.dataBytes || Buffer.byteLength(text) > LIMITS.dataBytes;
}
