/** How a start request gives values of expressions: schemas, and readers for the command line. Workers need none of it. */
import * as v from "valibot";
import { isPlainObject, lostNumber } from "../../json";
import { plainObject, Unreadable } from "../../requestOption";
import { TYPES, typedProblem } from "./values";

const KEYS = 'must have keys such as ":value"';

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

/** Reads a flag's JSON, and refuses a number whose digits a double does not keep. */
export function readValues(given: string): Record<string, unknown> | Unreadable {
  const lost = lostNumber(given);
  if (lost !== undefined) {
    return new Unreadable(
      `JSON without numbers that have more digits than JSON keeps, such as ${lost}; --typed-values keeps them`,
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
