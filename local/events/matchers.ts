/** Whether one of a field's values matches. A missing field has no values, an array has several. */
export type Matcher = (values: readonly unknown[]) => boolean;
/** The same for one existing value. */
type Test = (value: unknown) => boolean;

/** A matcher that EventBridge or the local cloud does not support. */
export class PatternError extends Error {}

/** One element of a field's array: a value to be equal to, or an object with one operator. */
export function matcherOf(rule: unknown, field: string): Matcher {
  if (isScalar(rule)) return some((value) => value === rule);
  const [operator, operand] = operatorOf(rule, field);
  if (operator === "exists") {
    if (typeof operand !== "boolean") throw new PatternError(`exists must be true or false (${field})`);
    return (values) => values.length > 0 === operand;
  }
  if (operator === "anything-but") return some(not(anyOf(operand, field)));
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
  if (!end && operator !== "equals-ignore-case") throw unsupported(operator, field);
  const wanted = text(operand, operator, field);
  if (end) return (value) => typeof value === "string" && value[end](wanted);
  return (value) => typeof value === "string" && value.toLowerCase() === wanted.toLowerCase();
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
