import { InvalidArgumentError } from "commander";

/** Adds one `--config key=value`, which may be repeated. Of one key, the last value counts. */
export function configValues(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("must be key=value");
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}
