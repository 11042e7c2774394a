/** A parsed condition, in which names and values replace their placeholders. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Path } from "./path";

export type Operand =
  | { readonly kind: "path"; readonly path: Path }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "size"; readonly of: Operand };

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Functions that are conditions. */
export type Predicate = "attribute_exists" | "attribute_not_exists" | "attribute_type" | "begins_with" | "contains";

export type Clause =
  | { readonly kind: "and" | "or"; readonly left: Clause; readonly right: Clause }
  | { readonly kind: "not"; readonly clause: Clause }
  | { readonly kind: "compare"; readonly by: Comparator; readonly operands: readonly [Operand, Operand] }
  | { readonly kind: "between"; readonly operands: readonly [Operand, Operand, Operand] }
  | { readonly kind: "in"; readonly operands: readonly [Operand, ...Operand[]] }
  | { readonly kind: "call"; readonly name: Predicate; readonly operands: readonly Operand[] };

export type ValueType = "S" | "N" | "B" | "BOOL" | "NULL" | "L" | "M" | "SS" | "NS" | "BS";

const VALUE_TYPES: ReadonlySet<string> = new Set(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]);

export function isValueType(text: string): text is ValueType {
  return VALUE_TYPES.has(text);
}

export function typeOf(value: AttributeValue): ValueType | undefined {
  for (const type in value) if (value[type as ValueType] !== undefined) return type as ValueType;
  return undefined;
}

/** All operands, including those of `size`. */
export function* operandsOf(clause: Clause): Generator<Operand> {
  if ("operands" in clause) for (const operand of clause.operands) yield* withInner(operand);
  else if (clause.kind === "not") yield* operandsOf(clause.clause);
  else {
    yield* operandsOf(clause.left);
    yield* operandsOf(clause.right);
  }
}

function* withInner(operand: Operand): Generator<Operand> {
  yield operand;
  if (operand.kind === "size") yield* withInner(operand.of);
}
