/**
 * Checks a user's module and calls its own check. The caller gets every failure as an answer: otherwise a message would
 * come again for hours.
 */
import { describeError } from "../../describeError";
import type { Params } from "../operation";

type Check = (params: Params) => unknown;

/** The problems of a module's other exports, beside its functions. */
export function moduleProblems({ pure = false }: { readonly pure?: unknown }): string[] {
  return typeof pure === "boolean"
    ? []
    : [`The operation's module must export pure as true or false, got ${typeof pure}.`];
}

/** The problems of the params, or of the check itself. */
export function problemsOf(check: Check, params: Params): string[] {
  try {
    const problems: unknown = check(params) ?? [];
    if (Array.isArray(problems) && problems.every((problem) => typeof problem === "string")) return problems;
    return ["params could not be checked: the operation's check must return a list of sentences, and no promise."];
  } catch (error) {
    return [`params could not be checked: ${describeError(error)}.`];
  }
}
