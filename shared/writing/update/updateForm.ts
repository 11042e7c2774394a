/** The form of a declared update: its fields and their types. */
import * as v from "valibot";
import { plainValues, typedValues } from "../../aws/expressions/valueOptions";
import { typedProblem } from "../../aws/expressions/values";
import { isPlainObject } from "../../json";
import { plainObject, text } from "../../requestOption";
import type { DeclaredUpdate } from "./declared";

/** The valid parts of an update, and all problems of its form, a sentence each. */
export interface UpdateForm {
  readonly problems: readonly string[];
  readonly sound: DeclaredUpdate;
}

/** Entries of an object, each checked by itself: valibot's record leaves out entries named `constructor`. */
function entries(problemOf: (value: unknown) => string | undefined) {
  return v.pipe(
    plainObject,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const [key, value] of Object.entries(dataset.value)) {
        const message = problemOf(value);
        if (message === undefined) continue;
        addIssue({ message, path: [{ type: "object", origin: "value", input: dataset.value, key, value }] });
      }
    }),
  );
}

function setValue(value: unknown): string | undefined {
  if (typeof value === "string") return undefined;
  return typedProblem(value)?.replace("must be", "must be a template text or");
}

const number = (value: unknown) =>
  isPlainObject(value) && "N" in value && typedProblem(value) === undefined
    ? undefined
    : 'must be a number in DynamoDB JSON, such as { "N": "3" }';

const fields = {
  set: entries(setValue),
  remove: v.array(text, "must be a list of attribute names"),
  add: entries(number),
  onlyIf: text,
  names: v.pipe(plainObject, v.record(v.pipe(v.string(), v.regex(/^#\w+$/, 'must have keys such as "#name"')), text)),
  values: plainValues,
  typedValues,
  missing: v.picklist(["skip", "fail"], 'must be "skip" or "fail"'),
  marker: text,
};

export function updateForm(given: unknown): UpdateForm {
  if (!isPlainObject(given)) return { problems: ["An update must be a JSON object."], sound: {} };
  const problems: string[] = [];
  const sound: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(given)) {
    const wrong = fieldProblems(field, value);
    problems.push(...wrong);
    if (wrong.length === 0) sound[field] = value;
  }
  return { problems, sound };
}

function fieldProblems(field: string, value: unknown): string[] {
  if (!Object.hasOwn(fields, field)) return [`${field} is not a field of an update.`];
  const { issues = [] } = v.safeParse(fields[field as keyof typeof fields] as v.GenericSchema, value);
  return issues.map(({ path = [], message }) => `${[field, ...path.map(({ key }) => key)].join(".")} ${message}.`);
}
