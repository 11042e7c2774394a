/** A batch of statements, some of which are answered here, without reaching DynamoDB. */
import { randomUUID } from "node:crypto";
import type { Call } from "../call";
import { type BackendResponse, jsonResponse } from "../message";
import { jsonOf, requestWith, responseWith } from "../rewrite";

/**
 * One of the responses of a batch: an error in place of a statement.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html
 */
export interface StatementError {
  readonly Error: { readonly Code: string; readonly Message: string };
  readonly TableName?: string;
}

/** The errors by the place of their statement in the whole batch. */
export type StatementErrors = ReadonlyMap<number, StatementError>;

/** The call without the statements that have an error already. */
export function withoutStatements(call: Call, errors: StatementErrors): Call {
  if (errors.size === 0) return call;
  const Statements = (call.input.Statements as unknown[]).filter((_, place) => !errors.has(place));
  const input = { ...call.input, Statements };
  return { ...call, input, request: requestWith(call.request, input) };
}

/** The answer to the whole batch; `answer` is that to the remaining statements, undefined if none remained. */
export function withErrors(
  answer: BackendResponse | undefined,
  count: number,
  errors: StatementErrors,
): BackendResponse {
  if (errors.size === 0 && answer) return answer;
  if (answer && answer.status !== 200) return answer;
  const output = answer ? (jsonOf<{ Responses?: unknown[] }>(answer) ?? {}) : {};
  const rest = [...(output.Responses ?? [])];
  const Responses = Array.from({ length: count }, (_, place) => errors.get(place) ?? rest.shift());
  const whole = { ...output, Responses };
  return answer ? responseWith(answer, whole) : jsonResponse(200, whole, { "x-amzn-requestid": randomUUID() });
}
