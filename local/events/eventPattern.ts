import { SluiceError } from "../../shared/errors";
import { type Matcher, matcherOf, PatternError } from "./matchers";

type Json = Record<string, unknown>;
/** Whether an object matches a pattern. */
export type Pattern = (value: Json) => boolean;

/**
 * Reads an event pattern: fields and what each of them must match, by the matchers of matchers.ts. Anything else is an
 * error here, not a rule that never matches.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @param text the pattern as JSON.
 * @throws SluiceError INVALID_EVENT_PATTERN with the field.
 */
export function eventPattern(text: string): Pattern {
  try {
    return objectPattern(JSON.parse(text), []);
  } catch (error) {
    if (!(error instanceof PatternError || error instanceof SyntaxError)) throw error;
    throw new SluiceError("INVALID_EVENT_PATTERN", `Event pattern is not valid. Reason: ${error.message}`, {
      value: text,
    });
  }
}

function objectPattern(pattern: unknown, path: string[]): Pattern {
  if (!isObject(pattern)) throw new PatternError(`${shown(path)} must be an object or an array`);
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new PatternError(`Empty objects are not allowed (${shown(path)})`);
  const fields = entries.map(([name, rule]) => fieldPattern(name, rule, path));
  return (value) => fields.every((matches) => matches(value));
}

function fieldPattern(name: string, rule: unknown, path: string[]): Pattern {
  const here = [...path, name];
  if (name === "$or") throw new PatternError(`the local cloud does not know $or (${shown(path)})`);
  if (!Array.isArray(rule)) {
    const inner = objectPattern(rule, here);
    // An array matches if one of its objects does. A pattern may also require that a field doesn't exist.
    return (value) => elements(value[name]).some((element) => inner(isObject(element) ? element : {}));
  }
  if (rule.length === 0) throw new PatternError(`Empty arrays are not allowed (${shown(here)})`);
  const matchers: Matcher[] = rule.map((each) => matcherOf(each, shown(here)));
  return (value) => {
    const leaves = leavesOf(value[name]);
    return matchers.some((matches) => matches(leaves));
  };
}

/** The values of a field: the elements of an array, or none if the field is missing. */
function leavesOf(value: unknown): unknown[] {
  return value === undefined ? [] : elements(value).filter((element) => !isObject(element));
}

function elements(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value];
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(path: string[]): string {
  return path.length === 0 ? "the pattern" : path.join(".");
}
