import { InvalidArgumentError } from "commander";
import { RepeatableOption } from "../cli/command";

export function configOption(): RepeatableOption {
  const option = new RepeatableOption("--config <key=value>", "override one config value; may be repeated");
  option.argParser(withConfigValue);
  return option;
}

/** Of one key, the last value counts. */
export function withConfigValue(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("must be key=value");
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}
