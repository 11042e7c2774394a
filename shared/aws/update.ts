/** Builds an UpdateItem out of named parts, so that no two places spell expressions in their own way. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

export interface UpdateParts {
  /** A condition with `#name` for attributes and `:name` for the values below. */
  readonly condition?: string;
  /** Values that only the condition uses. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Attributes to set. `undefined` removes one. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Numbers to add. */
  readonly add?: Readonly<Record<string, number>>;
}

export interface UpdateExpressions {
  UpdateExpression: string;
  ConditionExpression?: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** The expressions of an update. Attribute names are of letters, digits and `_`, reserved words included. */
export function updateOf({ condition, values = {}, set = {}, add = {} }: UpdateParts): UpdateExpressions {
  const names: Record<string, string> = {};
  const bound: Record<string, unknown> = { ...values };
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const assignments: string[] = [];
  const removals: string[] = [];
  for (const [attribute, value] of Object.entries(set)) {
    if (value === undefined) removals.push(name(attribute));
    else {
      bound[`set_${attribute}`] = value;
      assignments.push(`${name(attribute)} = :set_${attribute}`);
    }
  }
  const additions = Object.entries(add).map(([attribute, value]) => {
    bound[`add_${attribute}`] = value;
    return `${name(attribute)} :add_${attribute}`;
  });
  for (const [found] of condition?.matchAll(/#\w+/g) ?? []) names[found] = found.slice(1);
  const clauses = { SET: assignments, REMOVE: removals, ADD: additions };
  const parts = Object.entries(clauses).filter(([, terms]) => terms.length > 0);
  const marshalled = Object.entries(bound).map(([key, value]) => [`:${key}`, attributeOf(value)]);
  return {
    UpdateExpression: parts.map(([clause, terms]) => `${clause} ${terms.join(", ")}`).join(" "),
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ExpressionAttributeNames: names,
    ...(marshalled.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(marshalled) }),
  };
}

function attributeOf(value: unknown): AttributeValue {
  return marshall({ value }, { removeUndefinedValues: true }).value!;
}
