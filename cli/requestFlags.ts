/** Options of a start request as flags of a command. */
import { readFileSync } from "node:fs";
import { SluiceError } from "../shared/errors";
import { readParams, startForm, startOptions } from "../shared/jobs/startRequest";
import { withoutMark } from "../shared/json";
import { cut, type RequestOption, Unreadable } from "../shared/requestOption";
import { whyUnreadable } from "./whyUnreadable";

/** The flags as they were typed, under commander's names. Undefined: given without a valid value. */
export type StartFlags = Readonly<Record<string, string | boolean | undefined>>;

const options = Object.entries(startOptions) as [keyof typeof startOptions, RequestOption][];

/**
 * The options from flags.
 * @param only names of the options to read. Default: all. @throws SluiceError USAGE, with every problem on a line
 */
export function readFlags(flags: StartFlags, only?: readonly (keyof typeof startOptions)[]): Record<string, unknown> {
  const { read, problems } = parseFlags(flags, only);
  const form = startForm({ operation: "count", table: "table", ...read });
  problems.push(...form.problems.map(underFlag));
  if (problems.length > 0) throw new SluiceError("USAGE", problems.join("\n"), { value: flags });
  return read;
}

/** The options that can be read, the problems of the others, and their names. */
export function parseFlags(flags: StartFlags, only?: readonly (keyof typeof startOptions)[]) {
  const problems: string[] = [];
  const unreadable: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, option] of options) {
    const flag = flagName(option.flag);
    const given = flags[flag];
    if (!(flag in flags) || only?.includes(name) === false) continue;
    const value = given === undefined ? undefined : readOption(option, given);
    if (value instanceof Unreadable) {
      problems.push(`${nameOf(option)} must be ${value.rule}, got ${cut(String(given)) || "nothing"}.`);
      unreadable.push(name);
    } else if (value === undefined) unreadable.push(name);
    else read[name] = value;
  }
  return { read, problems, unreadable };
}

/**
 * A problem under the names of flags. A word further on may be no option, unless it is spelled like `keepBefore`. An update has
 * fields with the names of options.
 */
export function underFlag(problem: string): string {
  const isOfDocument = /^(update|transform): /.test(problem);
  return options.reduce(
    (text, [name, option]) => {
      const anywhere = /[A-Z]/.test(name) && !isOfDocument;
      return text.replaceAll(new RegExp(anywhere ? `\\b${name}\\b` : `^${name}\\b`, "g"), nameOf(option));
    },
    problem.replace(/^(operation|table) must/, "<$1> must"),
  );
}

function nameOf({ flag }: RequestOption): string {
  return flag.split(" ")[0]!;
}

/** The value of an option that was given as text, or as a flag without text; Unreadable if the text can't be parsed. */
export function readOption({ read, file = false }: RequestOption, given: string | boolean): unknown {
  const reader = file ? readDocument : read;
  return reader === undefined || typeof given !== "string" ? given : reader(given);
}

/** Reads a JSON object from a flag's text or from the file that it names. */
function readDocument(given: string): Record<string, unknown> | Unreadable {
  const isInline = given.trimStart().startsWith("{");
  let text = given;
  try {
    if (!isInline) text = readFileSync(given, "utf8");
  } catch (error) {
    return new Unreadable(`a JSON object or the path of a file with one (it ${whyUnreadable(error)})`);
  }
  const document = withoutMark(text);
  try {
    JSON.parse(document);
  } catch (error) {
    return new Unreadable(`a JSON object (${(error as Error).message})`);
  }
  return readParams(document);
}

/** Commander's name for a flag: `readRate` for `--read-rate <rate>`. */
function flagName(flag: string): string {
  return flag
    .split(" ")[0]!
    .slice(2)
    .replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
