import { SluiceError } from "../errors";

/**
 * Reads a variable: its value, or its problem. These are plain functions, because a library of schemas would add 6 kB to a
 * worker.
 */
type Variable<Value> = (given: string | undefined) => { readonly value: Value } | { readonly problem: string };

const text: Variable<string> = (given) => {
  if (given === undefined) return { problem: "must be set" };
  return given === "" ? { problem: "must not be empty" } : { value: given };
};

const number: Variable<number> = (given) => {
  if (given === undefined) return { problem: "must be set" };
  return /^-?\d+(\.\d+)?$/.test(given) ? { value: Number(given) } : { problem: "must be a number" };
};

const boolean: Variable<boolean> = (given) => {
  const read = text(given);
  if ("problem" in read) return read;
  return ["true", "false"].includes(read.value)
    ? { value: read.value === "true" }
    : { problem: "must be true or false" };
};

function optional<Value>(variable: Variable<Value>): Variable<Value | undefined> {
  return (given) => (given === undefined ? { value: undefined } : variable(given));
}

/** Parsers of environment variables, which are all text. */
export const variable = { text, number, optionalText: optional(text), optionalNumber: optional(number), boolean };

type Variables = Readonly<Record<string, Variable<unknown>>>;
type Read<Of extends Variables> = {
  -readonly [Name in keyof Of]: Of[Name] extends Variable<infer Value> ? Value : never;
};

/**
 * The variables a handler needs, checked once when it loads.
 * @throws SluiceError INVALID_ENVIRONMENT that lists every variable that is missing or wrong.
 */
export function readEnvironment<Of extends Variables>(
  variables: Of,
  environment: Record<string, string | undefined>,
): Read<Of> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const read = variable(environment[name]);
    if ("problem" in read) problems.push(`${name} ${read.problem}`);
    else if (read.value !== undefined) values[name] = read.value;
  }
  if (problems.length === 0) return values as Read<Of>;
  throw new SluiceError("INVALID_ENVIRONMENT", `The function's environment is wrong: ${problems.join("; ")}.`, {
    value: problems,
  });
}
