/** Whether one of a field's values matches. A missing field has no values, an array has several. */
export type Matcher = (values: readonly unknown[]) => boolean;
/** The same for one existing value. */
type Test = (value: unknown) => boolean;

/** A matcher that EventBridge or the local cloud does not support. */
export class PatternError extends Error {}

/** EventBridge compares numbers between -5.0e9 and +5.0e9. */
const NUMBER_BOUND = 5e9;

/** One element of a field's array: a value to be equal to, or an object with one operator. */
export function matcherOf(rule: unknown, field: string): Matcher {
  if (isScalar(rule)) return some((value) => value === rule);
  const [operator, operand] = operatorOf(rule, field);
  if (operator === "exists") {
    if (typeof operand !== "boolean") throw new PatternError(`exists must be true or false (${field})`);
    return (values) => values.length > 0 === operand;
  }
  if (operator === "anything-but") return some(not(anyOf(operand, field)));
  if (operator === "numeric") return some(numeric(operand, field));
  return some(textTest(operator, operand, field));
}

/** Tests of texts; `anything-but` takes them too. */
function textTest(operator: string, operand: unknown, field: string): Test {
  const end = { prefix: "startsWith", suffix: "endsWith" }[operator] as "startsWith" | "endsWith" | undefined;
  if (end && isObject(operand)) {
    const [inner, ending] = operatorOf(operand, field);
    if (inner !== "equals-ignore-case") throw unsupported(`${operator} with ${inner}`, field);
    const wanted = text(ending, operator, field).toLowerCase();
    return (value) => typeof value === "string" && value.toLowerCase()[end](wanted);
  }
  const wanted = text(operand, operator, field);
  if (end) return (value) => typeof value === "string" && value[end](wanted);
  if (operator === "equals-ignore-case") {
    return (value) => typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();
  }
  if (operator === "wildcard") {
    const expression = wildcard(wanted, field);
    return (value) => typeof value === "string" && expression.test(value);
  }
  throw unsupported(operator, field);
}

/** What `anything-but` excludes: a value, several, or what one text operator matches, again with one text or several. */
function anyOf(operand: unknown, field: string): Test {
  const alternatives = (given: unknown, testOf: (one: unknown) => Test): Test => {
    const all = Array.isArray(given) ? given : [given];
    if (all.length === 0) throw new PatternError(`anything-but must not be empty (${field})`);
    const tests = all.map(testOf);
    return (value) => tests.some((test) => test(value));
  };
  if (!isObject(operand)) {
    return alternatives(operand, (one) => {
      if (!isScalar(one) || one === null) throw unsupported("anything-but of such a value", field);
      return (value) => value === one;
    });
  }
  const [operator, excluded] = operatorOf(operand, field);
  return alternatives(excluded, (one) => textTest(operator, one, field));
}

const COMPARISONS: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** `["=", 1]`, `["<", 1]` and so on, or a range such as `[">", 0, "<=", 5]`. */
function numeric(operand: unknown, field: string): Test {
  const parts = Array.isArray(operand) ? operand : [];
  const pairs = Array.from({ length: parts.length / 2 }, (_, pair) => [parts[2 * pair], parts[2 * pair + 1]]);
  const range = pairs.length === 2 && /^>=?$/.test(String(parts[0])) && /^<=?$/.test(String(parts[2]));
  const sound = pairs.every(([sign, bound]) => Object.hasOwn(COMPARISONS, String(sign)) && withinBounds(bound));
  if (parts.length % 2 !== 0 || !(pairs.length === 1 || range) || !sound) {
    throw new PatternError(`numeric must be a comparison, or a lower and an upper one (${field})`);
  }
  return (value) =>
    typeof value === "number" &&
    pairs.every(([sign, bound]) => (COMPARISONS[String(sign)] as (a: number, b: number) => boolean)(value, bound));
}

function withinBounds(bound: unknown): boolean {
  return typeof bound === "number" && Math.abs(bound) <= NUMBER_BOUND;
}

/** `*` stands for any text; a backslash escapes it, and another backslash. */
function wildcard(pattern: string, field: string): RegExp {
  if (pattern.includes("**")) throw new PatternError(`Consecutive wildcard characters (${field})`);
  const source = pattern.replace(/\\([*\\])|\*|[^\w\s]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return part === "*" ? ".*" : `\\${part}`;
  });
  return new RegExp(`^${source}$`, "s");
}

function operatorOf(rule: unknown, field: string): [operator: string, operand: unknown] {
  const entries = isObject(rule) ? Object.entries(rule) : [];
  const [only] = entries;
  if (!only || entries.length !== 1) throw new PatternError(`Only one key allowed in match expression (${field})`);
  return only;
}

function unsupported(what: string, field: string): PatternError {
  return new PatternError(`the local cloud does not know ${what} (${field}); see local/events/matchers.ts`);
}

function text(value: unknown, operator: string, field: string): string {
  if (typeof value === "string") return value;
  throw new PatternError(`${operator} must be a string (${field})`);
}

function some(test: Test): Matcher {
  return (values) => values.some(test);
}

function not(test: Test): Test {
  return (value) => !test(value);
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
