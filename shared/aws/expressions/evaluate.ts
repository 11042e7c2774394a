/** Turns a condition's tree into a function. Its answers are those of DynamoDB; a test compares them. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { compareNumbers } from "../decimal";
import type { Item } from "../itemSize";
import { order } from "./order";
import { valueAt } from "./path";
import { sameValue } from "./sameValue";
import { type Clause, type Comparator, type Operand, typeOf } from "./tree";

export type Holds = (item: Item) => boolean;

type Get = (item: Item) => AttributeValue | undefined;
type Value = AttributeValue | undefined;

export function evaluator(clause: Clause): Holds {
  switch (clause.kind) {
    case "and":
    case "or":
      return both(clause.kind, evaluator(clause.left), evaluator(clause.right));
    case "not": {
      const holds = evaluator(clause.clause);
      return (item) => !holds(item);
    }
    case "compare": {
      const [left, right] = clause.operands.map(getter) as [Get, Get];
      const compares = comparisons[clause.by];
      return (item) => compares(left(item), right(item));
    }
    case "between":
      return between(clause.operands.map(getter) as [Get, Get, Get]);
    case "in":
      return oneOf(clause.operands.map(getter) as [Get, ...Get[]]);
    case "call": {
      const [first, second] = clause.operands.map(getter) as [Get, Get?];
      const call = calls[clause.name];
      return (item) => call(first(item), second?.(item));
    }
  }
}

function both(kind: "and" | "or", left: Holds, right: Holds): Holds {
  return kind === "and" ? (item) => left(item) && right(item) : (item) => left(item) || right(item);
}

function between([value, low, high]: [Get, Get, Get]): Holds {
  return (item) => {
    const found = value(item);
    return comparisons[">="](found, low(item)) && comparisons["<="](found, high(item));
  };
}

function oneOf([value, ...others]: [Get, ...Get[]]): Holds {
  return (item) => {
    const found = value(item);
    return others.some((other) => equal(found, other(item)));
  };
}

function getter(operand: Operand): Get {
  if (operand.kind === "path") return (item) => valueAt(item, operand.path);
  if (operand.kind === "value") return () => operand.value;
  const of = getter(operand.of);
  return (item) => sizeOf(of(item));
}

/** A missing value equals nothing, and so differs from everything. */
const comparisons: Readonly<Record<Comparator, (a: Value, b: Value) => boolean>> = {
  "=": equal,
  "<>": (a, b) => !equal(a, b),
  "<": (a, b) => (order(a, b) ?? 0) < 0,
  "<=": (a, b) => (order(a, b) ?? 1) <= 0,
  ">": (a, b) => (order(a, b) ?? 0) > 0,
  ">=": (a, b) => (order(a, b) ?? -1) >= 0,
};

const calls = {
  attribute_exists: (value: Value) => value !== undefined,
  attribute_not_exists: (value: Value) => value === undefined,
  attribute_type: (value: Value, type: Value) => value !== undefined && typeOf(value) === type?.S,
  begins_with: beginsWith,
  contains,
};

function equal(a: Value, b: Value): boolean {
  return a !== undefined && b !== undefined && sameValue(a, b);
}

function beginsWith(value: Value, start: Value): boolean {
  if (value?.S !== undefined && start?.S !== undefined) return value.S.startsWith(start.S);
  if (value?.B === undefined || start?.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, start.B.length), start.B) === 0;
}

/** A string in a string, bytes in bytes, or an element in a set or list. */
function contains(value: Value, part: Value): boolean {
  if (value === undefined || part === undefined) return false;
  if (value.L !== undefined) return value.L.some((element) => sameValue(element, part));
  const { S, N, B } = part;
  if (S !== undefined) return (value.S?.includes(S) || value.SS?.includes(S)) === true;
  if (N !== undefined) return value.NS?.some((number) => compareNumbers(number, N) === 0) === true;
  if (B === undefined) return false;
  if (value.B !== undefined) return Buffer.from(value.B).includes(Buffer.from(B));
  return value.BS?.some((bytes) => Buffer.compare(bytes, B) === 0) === true;
}

/**
 * UTF-16 code units of a text, bytes of binary, elements of a set, list or map. So does DynamoDB Local; AWS's documentation
 * only has "the length of the string". Other types have no size.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
function sizeOf(value: Value): Value {
  const { S, B, SS, NS, BS, L, M } = value ?? {};
  const size = S?.length ?? B?.length ?? (SS ?? NS ?? BS ?? L)?.length ?? (M && Object.keys(M).length);
  return size === undefined ? undefined : { N: String(size) };
}
