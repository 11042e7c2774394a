import * as v from "valibot";
import { SluiceError } from "../errors";

const text = v.pipe(v.string("must be set"), v.minLength(1, "must not be empty"));

const number = v.pipe(v.string("must be set"), v.regex(/^-?\d+(\.\d+)?$/, "must be a number"), v.transform(Number));

/** Schemas for environment variables, which are all text. */
export const variable = {
  text,
  number,
  optionalText: v.optional(text),
  optionalNumber: v.optional(number),
  boolean: v.pipe(
    text,
    v.picklist(["true", "false"], "must be true or false"),
    v.transform((value) => value === "true"),
  ),
};

/**
 * The variables a handler needs, checked once when it loads.
 * @throws SluiceError INVALID_ENVIRONMENT that lists every variable that is missing or wrong.
 */
export function readEnvironment<T extends v.ObjectEntries>(
  entries: T,
  environment: Record<string, string | undefined>,
): v.InferOutput<v.ObjectSchema<T, undefined>> {
  const result = v.safeParse(v.object(entries), environment);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${issue.path?.map(({ key }) => key).join(".")} ${issue.message}`);
  throw new SluiceError("INVALID_ENVIRONMENT", `The function's environment is wrong: ${problems.join("; ")}.`, {
    value: problems,
  });
}
