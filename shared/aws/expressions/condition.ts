/**
 * DynamoDB's condition expressions, evaluated here instead of there.
 *
 * ```ts
 * const { holds } = parseCondition("attribute_not_exists(GSISK) AND Price > :p", { values: { ":p": { N: "3" } } });
 * holds({ id: { S: "a" }, Price: { N: "4" } }); // true
 * ```
 */
import { SluiceError } from "../../errors";
import type { Item } from "../itemSize";
import { evaluator } from "./evaluate";
import { Invalid, parse } from "./parser";
import type { Path } from "./path";
import { type ExpressionContext, References } from "./references";
import { type Clause, operandsOf } from "./tree";

export interface Condition {
  /** Every document path it reads, without repetitions. */
  readonly paths: readonly Path[];
  /** The `#names` and `:values` in it. */
  readonly used: ReadonlySet<string>;
  /** Whether DynamoDB would find it true for the item. */
  readonly holds: (item: Item) => boolean;
}

/**
 * Parses a condition; refuses what DynamoDB would refuse, except reserved words, and names and values that aren't used
 * (`unusedIn`).
 *
 * @param option the error's subject, such as `onlyIf`
 * @throws SluiceError INVALID_EXPRESSION, with the position and what was expected there
 */
export function parseCondition(text: string, context: ExpressionContext = {}, option = "The condition"): Condition {
  const references = new References(context);
  const clause = parsed(text, references, option);
  return { paths: pathsOf(clause), used: references.used, holds: evaluator(clause) };
}

function parsed(text: string, references: References, option: string): Clause {
  try {
    return parse(text, references);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const message = `${option} is invalid at position ${error.position}: ${error.reason}.`;
    throw new SluiceError("INVALID_EXPRESSION", message, { value: text });
  }
}

function pathsOf(clause: Clause): Path[] {
  return withoutRepetitions(
    [...operandsOf(clause)].flatMap((operand) => (operand.kind === "path" ? [operand.path] : [])),
  );
}

/** The paths, each once. */
export function withoutRepetitions(paths: readonly Path[]): Path[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}
