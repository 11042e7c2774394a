/** Evaluates the Choice states of a definition: https://states-language.net/spec.html#choice-state. The operators that it uses. */
import type { Choice } from "../../../services/shuffle/states";

type Rule = Readonly<Record<string, unknown>>;

interface Data {
  readonly state: unknown;
  /** $$.State.EnteredTime */
  readonly enteredAt: string;
}

/** The next state. @throws Error if AWS would fail the execution because a compared field is missing */
export function nextOf({ Choices, Default }: Choice, state: unknown, enteredAt = "2026-11-26T06:00:00.000Z"): string {
  return Choices.find((rule) => holds(rule as Rule, { state, enteredAt }))?.Next ?? Default;
}

function holds({ Next: _, Variable, ...rest }: Rule, data: Data): boolean {
  const [[operator, expected]] = Object.entries(rest) as [[string, unknown]];
  if (operator === "And") return (expected as Rule[]).every((rule) => holds(rule, data));
  if (operator === "Or") return (expected as Rule[]).some((rule) => holds(rule, data));
  if (operator === "Not") return !holds(expected as Rule, data);
  const value = at(Variable as string, data);
  if (operator === "IsPresent") return (value !== undefined) === expected;
  if (value === undefined) throw new Error(`${Variable} is missing`);
  const other = operator.endsWith("Path") ? at(expected as string, data) : expected;
  if (other === undefined) throw new Error(`${expected} is missing`);
  return compare(operator.replace(/Path$/, ""), value, other);
}

function compare(operator: string, value: unknown, other: unknown): boolean {
  const [left, right] = operator.startsWith("Timestamp")
    ? [Date.parse(value as string), Date.parse(other as string)]
    : [value, other];
  if (operator.endsWith("LessThanEquals")) return (left as number) <= (right as number);
  if (operator.endsWith("LessThan")) return (left as number) < (right as number);
  if (operator.endsWith("GreaterThan")) return (left as number) > (right as number);
  if (operator === "StringEquals") return left === right;
  throw new Error(`no definition uses ${operator}`);
}

function at(path: string, { state, enteredAt }: Data): unknown {
  if (path === "$$.State.EnteredTime") return enteredAt;
  const fields = path.split(".").slice(1);
  return fields.reduce<unknown>((value, field) => (value as Rule | undefined)?.[field], state);
}
