/**
 * Values of a filter's expression. Most can be plain JSON. Those that JSON cannot hold without loss (sets, binary, numbers
 * of up to 38 digits) are written in DynamoDB JSON.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import * as v from "valibot";
import { revived } from "../../aws/dynamoJson";
import { isPlainObject, lostNumber } from "../../json";
import { plainObject, Unreadable } from "../../requestOption";

const KEYS = 'must have keys such as ":value"';
/** The types of DynamoDB JSON. */
const TYPES = new Set(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]);
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const MOST_DIGITS = 38;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const keyed = <S extends v.GenericSchema>(value: S) =>
  v.pipe(plainObject, v.record(v.pipe(v.string(), v.regex(/^:\w+$/, KEYS)), value));

/** Values as plain JSON. */
export const plainValues = keyed(
  v.pipe(
    v.unknown(),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = plainProblem(dataset.value);
      if (problem !== undefined) addIssue({ message: problem });
    }),
  ),
);

/** Values as DynamoDB JSON. */
export const typedValues = keyed(
  v.pipe(
    v.unknown(),
    v.rawCheck(({ dataset, addIssue }) => {
      const problem = typedProblem(dataset.value);
      if (problem !== undefined) addIssue({ message: problem });
    }),
  ),
);

/** Both as Scan takes them; undefined where there are none. Only of values without a problem. */
export function attributeValues(
  plain: Readonly<Record<string, unknown>> = {},
  typed: Readonly<Record<string, unknown>> = {},
): Record<string, AttributeValue> | undefined {
  const values = { ...marshall(plain), ...revived(structuredClone(typed) as Parameters<typeof revived>[0]) };
  return Object.keys(values).length === 0 ? undefined : values;
}

/** Reads a flag's JSON, and refuses a number whose digits a double does not keep. */
export function readValues(given: string): Record<string, unknown> | Unreadable {
  const lost = lostNumber(given);
  if (lost !== undefined) {
    return new Unreadable(
      `JSON without numbers of more digits than JSON keeps, such as ${lost}; --typed-values keeps them`,
    );
  }
  try {
    const value: unknown = JSON.parse(given);
    if (isPlainObject(value)) return value;
  } catch {
    // The rule below covers it.
  }
  return new Unreadable("a JSON object");
}

function plainProblem(value: unknown): string | undefined {
  if (typeof value === "number") {
    const safe = Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    return safe
      ? undefined
      : "must have no numbers beyond 2^53, which JSON does not keep exactly; typedValues keeps them";
  }
  if (Array.isArray(value)) return firstProblem(value);
  if (!isPlainObject(value)) return undefined;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && TYPES.has(name)) {
    return "must be plain JSON, this looks like DynamoDB JSON: give it as typedValues, or name the map's attribute otherwise";
  }
  return firstProblem(Object.values(value));
}

function firstProblem(values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const problem = plainProblem(value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What each type's content must be. */
const contents: Readonly<Record<string, (content: unknown) => boolean>> = {
  S: (content) => typeof content === "string",
  N: isNumberText,
  B: isBase64,
  BOOL: (content) => typeof content === "boolean",
  NULL: (content) => content === true,
  L: (content) => Array.isArray(content) && content.every((element) => typedProblem(element) === undefined),
  M: (content) => isPlainObject(content) && Object.values(content).every((value) => typedProblem(value) === undefined),
  SS: (content) => isSet(content, (element) => typeof element === "string"),
  NS: (content) => isSet(content, isNumberText),
  BS: (content) => isSet(content, isBase64),
};

function typedProblem(value: unknown): string | undefined {
  const [type, ...others] = isPlainObject(value) ? Object.keys(value) : [];
  if (type === undefined || others.length > 0 || !TYPES.has(type)) {
    return 'must be DynamoDB JSON such as { "N": "3" }';
  }
  if (contents[type]!((value as Record<string, unknown>)[type])) return undefined;
  return `must be DynamoDB JSON: the content does not fit type ${type}`;
}

function isNumberText(content: unknown): boolean {
  if (typeof content !== "string" || !NUMBER.test(content)) return false;
  const digits = content
    .replace(/[eE].*$/, "")
    .replaceAll(/[^\d]/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");
  return digits.length <= MOST_DIGITS;
}

function isBase64(content: unknown): boolean {
  return typeof content === "string" && BASE64.test(content);
}

function isSet(content: unknown, fits: (element: unknown) => boolean): boolean {
  return (
    Array.isArray(content) && content.length > 0 && content.every(fits) && new Set(content).size === content.length
  );
}
