/** Builds an UpdateItem from named parts, so that expressions are spelled in one place. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";

export interface UpdateParts {
  /** A condition with `#name` for attributes and `:name` for the values below. */
  readonly condition?: string;
  /** Values that only the condition uses. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Attributes to set. `undefined` removes one. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Numbers to add, or members to add to a set. DynamoDB creates an attribute that does not exist. */
  readonly add?: Readonly<Record<string, number | ReadonlySet<string>>>;
  /** Members to remove from a set. DynamoDB removes the attribute with its last member. */
  readonly delete?: Readonly<Record<string, ReadonlySet<string>>>;
}

export interface UpdateExpressions {
  UpdateExpression: string;
  ConditionExpression?: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** The expressions of an update. Attribute names are of letters, digits and `_`, reserved words included. */
export function updateOf(parts: UpdateParts): UpdateExpressions {
  const { condition, values = {}, set = {} } = parts;
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
  const terms = (verb: "add" | "delete") =>
    Object.entries(parts[verb] ?? {}).map(([attribute, value]) => {
      bound[`${verb}_${attribute}`] = value;
      return `${name(attribute)} :${verb}_${attribute}`;
    });
  const clauses = { SET: assignments, REMOVE: removals, ADD: terms("add"), DELETE: terms("delete") };
  for (const [found] of condition?.matchAll(/#\w+/g) ?? []) names[found] = found.slice(1);
  const used = Object.entries(clauses).filter(([, each]) => each.length > 0);
  const marshalled = Object.entries(bound).map(([key, value]) => [`:${key}`, attributeOf(value)]);
  return {
    UpdateExpression: used.map(([clause, each]) => `${clause} ${each.join(", ")}`).join(" "),
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ExpressionAttributeNames: names,
    ...(marshalled.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(marshalled) }),
  };
}

function attributeOf(value: unknown): AttributeValue {
  return marshall({ value }, { removeUndefinedValues: true }).value!;
}
