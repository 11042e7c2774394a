import type { Json } from "../../../shared/json";
import { RuntimeFailure } from "../stateError";
import { evaluateIntrinsic } from "./intrinsics";
import { find, type Source } from "./paths";

/** JSON in which fields that end in `.$` are paths or calls of intrinsic functions. */
export type Template = Json;

/**
 * `Parameters`, `ItemSelector` and `ResultSelector`: the template with the values of its fields that end in `.$`.
 * @throws RuntimeFailure if a path leads nowhere, StateError States.IntrinsicFailure.
 */
export function fill(template: Template, source: Source, random: () => number): Json {
  if (Array.isArray(template)) return template.map((each: Json) => fill(each, source, random));
  if (typeof template !== "object" || template === null) return template;
  const fields = Object.entries(template).map(([name, value]): [string, Json] => {
    if (!name.endsWith(".$")) return [name, fill(value, source, random)];
    return [name.slice(0, -2), evaluateField(name, String(value), source, random)];
  });
  return Object.fromEntries(fields);
}

/** The value of one field: a path, or a call of an intrinsic function. */
export function evaluateField(name: string, expression: string, source: Source, random: () => number): Json {
  if (!expression.startsWith("$")) return evaluateIntrinsic(expression, source, random);
  const found = find(expression, source);
  if (found !== undefined) return found;
  const input = JSON.stringify(expression.startsWith("$$") ? source.context : source.data);
  const cause = `The JSONPath '${expression}' specified for the field '${name}' could not be found in the input '${input}'`;
  throw new RuntimeFailure(cause);
}
