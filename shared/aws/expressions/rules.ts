/**
 * DynamoDB's rules for operands, which it checks before it looks at any item. Each function returns the problem, as a text
 * that follows "is invalid at position 5: "; undefined if there is none.
 */
import { order } from "./order";
import type { Path } from "./path";
import { type Comparator, isValueType, type Operand, type Predicate, typeOf, type ValueType } from "./tree";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters */
const MOST_IN = 100;

type Problem = string | undefined;

const OPERANDS: Readonly<Record<Predicate | "size", number>> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};
const FUNCTIONS = Object.keys(OPERANDS).join(", ");

const ORDERED = ["S", "N", "B"] as const;
const SIZED = ["S", "B", "SS", "NS", "BS", "L", "M"] as const;

export function isFunction(name: string): name is Predicate | "size" {
  return Object.hasOwn(OPERANDS, name);
}

export function functionProblem(name: string): Problem {
  return isFunction(name) ? undefined : `there is no function ${name}, but ${FUNCTIONS}`;
}

export function callProblem(name: Predicate | "size", operands: readonly Operand[]): Problem {
  const count = OPERANDS[name];
  if (operands.length !== count) return `${name} takes ${count} operand${count > 1 ? "s" : ""}, got ${operands.length}`;
  return argumentProblem(name, operands as [Operand, Operand]) ?? distinctProblem(name, operands);
}

function argumentProblem(name: Predicate | "size", [first, second]: [Operand, Operand]): Problem {
  switch (name) {
    case "attribute_exists":
    case "attribute_not_exists":
      return first.kind === "path" ? undefined : `${name} takes a document path`;
    case "attribute_type":
      return typeNameProblem(second);
    case "begins_with":
      return typeProblem(name, [first, second], ["S", "B"]);
    case "size":
      return typeProblem(name, [first], SIZED);
    case "contains":
      return undefined;
  }
}

function typeNameProblem(operand: Operand): Problem {
  const type = operand.kind === "value" ? operand.value.S : undefined;
  if (type === undefined) return "attribute_type takes a :value that is the name of a type, such as S";
  return isValueType(type) ? undefined : `there is no type ${JSON.stringify(type)}`;
}

export function compareProblem(by: Comparator, operands: readonly Operand[]): Problem {
  const types = by === "=" || by === "<>" ? undefined : typeProblem(by, operands, ORDERED);
  return types ?? distinctProblem(by, operands);
}

export function betweenProblem(operands: readonly [Operand, Operand, Operand]): Problem {
  return typeProblem("BETWEEN", operands, ORDERED) ?? distinctProblem("BETWEEN", operands) ?? boundsProblem(operands);
}

function boundsProblem([, low, high]: readonly [Operand, Operand, Operand]): Problem {
  if (low.kind !== "value" || high.kind !== "value") return undefined;
  const found = order(low.value, high.value);
  if (found === undefined) return "the bounds of BETWEEN must be of the same type";
  return found > 0 ? "the lower bound of BETWEEN must not be above the upper bound" : undefined;
}

export function inProblem(operands: readonly Operand[]): Problem {
  if (operands.length - 1 > MOST_IN) return `IN takes at most ${MOST_IN} operands, got ${operands.length - 1}`;
  return distinctProblem("IN", operands);
}

function typeProblem(name: string, operands: readonly Operand[], allowed: readonly ValueType[]): Problem {
  const wrong = operands.map(knownType).find((type) => type !== undefined && !allowed.includes(type));
  return wrong && `${name} takes operands of the types ${allowed.join(", ")}, got ${wrong}`;
}

/** The operand's type, if it is the same in every item; undefined if it depends on the item. */
function knownType(operand: Operand): ValueType | undefined {
  if (operand.kind === "value") return typeOf(operand.value);
  return operand.kind === "size" ? "N" : undefined;
}

function distinctProblem(name: string, [first, ...others]: readonly Operand[]): Problem {
  if (first?.kind !== "path") return undefined;
  const same = others.some((other) => other.kind === "path" && samePath(first.path, other.path));
  return same ? `${name} must not compare a path with itself` : undefined;
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
