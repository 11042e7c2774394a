/** Checks the options of benchmarks, for commander. Values stay the text that was typed. */
import { InvalidArgumentError, type Option } from "commander";
import { CliCommand } from "../cli/command";
import { SluiceError } from "../shared/errors";

type Check = (text: string) => string;

const isNumber = (text: string) => /^\d+(\.\d+)?$/.test(text);
const isAboveZero = (text: string) => isNumber(text) && Number(text) > 0;

export const zeroOrMore: Check = check(isNumber, "must be a number, 0 or more");
export const aboveZero: Check = check(isAboveZero, "must be a number above 0");
export const numbers: Check = check(
  (text) => text.split(",").every(isAboveZero),
  "must be numbers above 0, separated by commas",
);
export const numberOrAuto: Check = check(
  (text) => text === "auto" || isAboveZero(text),
  "must be a number above 0, or auto",
);

/** Some of these names, separated by commas. */
export function someOf(names: readonly string[]): Check {
  return check(
    (text) => text.split(",").every((name) => names.includes(name)),
    `must be some of ${names.join(", ")}, separated by commas`,
  );
}

/** @throws SluiceError BAD_OPTION if --cell selects none */
export function checkCells(chosen: readonly unknown[], text = ""): void {
  if (chosen.length > 0) return;
  const message = `--cell must select at least one cell, but none has ${JSON.stringify(text)} in its name.`;
  throw new SluiceError("BAD_OPTION", message, { value: text });
}

/** A command whose options, unless they have a check of their own, take what their defaults are: a number above 0, or a list of these. */
export class BenchCommand extends CliCommand {
  override addOption(option: Option): this {
    checkByDefault(option);
    return super.addOption(option);
  }

  override createCommand(name?: string): BenchCommand {
    return new BenchCommand(name);
  }
}

function checkByDefault(option: Option): void {
  const { defaultValue, parseArg } = option;
  if (parseArg !== undefined || typeof defaultValue !== "string") return;
  if (isNumber(defaultValue)) option.argParser(aboveZero);
  else if (defaultValue.split(",").every(isNumber)) option.argParser(numbers);
}

function check(isSound: (text: string) => boolean, rule: string): Check {
  return (text) => {
    if (isSound(text)) return text;
    throw new InvalidArgumentError(rule);
  };
}
