import { parseJson } from "../../shared/json";

type Matches = (message: string) => boolean;

/** A term in quotes, in which a quote has a backslash, or a bare one. */
const TERM = /"((?:[^"\\]|\\.)+)"|([A-Za-z0-9_]+)/y;
/** A comparison of a field with a text or a number, such as `$.error.code = "X"`. A text may hold asterisks. */
const COMPARISON = /^\$\.([\w-]+(?:\.[\w-]+)*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?))$/;

/**
 * Reads a filter pattern of CloudWatch Logs: terms, all of which a line must hold, or comparisons of JSON fields that are
 * joined by `&&` or by `||`. CloudWatch has more kinds.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @returns undefined for a pattern of another kind.
 */
export function filterPattern(pattern: string): Matches | undefined {
  const trimmed = pattern.trim();
  return /^\{.*\}$/s.test(trimmed) ? fieldsPattern(trimmed.slice(1, -1)) : termsPattern(trimmed);
}

function termsPattern(pattern: string): Matches | undefined {
  const terms: string[] = [];
  for (let at = 0; at < pattern.length; ) {
    TERM.lastIndex = at;
    const found = TERM.exec(pattern);
    if (found === null) return undefined;
    terms.push(found[1] === undefined ? (found[2] as string) : unescaped(found[1]));
    at = TERM.lastIndex;
    const space = /^\s+/.exec(pattern.slice(at))?.[0].length ?? 0;
    if (space === 0 && at < pattern.length) return undefined;
    at += space;
  }
  return (message) => terms.every((term) => message.includes(term));
}

function fieldsPattern(condition: string): Matches | undefined {
  const [all, any] = [outsideQuotes(condition, "&&"), outsideQuotes(condition, "||")];
  if (all.length > 1 && any.length > 1) return undefined;
  const comparisons = (any.length > 1 ? any : all).map(comparison);
  if (comparisons.some((each) => each === undefined)) return undefined;
  const tests = comparisons as ((document: unknown) => boolean)[];
  return (message) => {
    const document = parseJson(message);
    return any.length > 1 ? tests.some((test) => test(document)) : tests.every((test) => test(document));
  };
}

function comparison(text: string): ((document: unknown) => boolean) | undefined {
  const [, path, wanted, number] = COMPARISON.exec(text.trim()) ?? [];
  if (path === undefined) return undefined;
  const isWanted = wanted === undefined ? (value: unknown) => value === Number(number) : textTest(unescaped(wanted));
  return (document) => isWanted(valueAt(document, path.split(".")));
}

function textTest(wanted: string): (value: unknown) => boolean {
  const parts = wanted.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (value) => typeof value === "string" && expression.test(value);
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Splits at a separator that stands in no quotes. */
function outsideQuotes(text: string, separator: string): string[] {
  const parts = [""];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|&&|\|\||./gs)) {
    if (token === separator) parts.push("");
    else parts.push(`${parts.pop()}${token}`);
  }
  return parts;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
