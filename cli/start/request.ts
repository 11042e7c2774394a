/** Turns the flags of `start` into the request that the start function takes. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { SluiceError } from "../../shared/errors";
import { readParams, type StartRequest, startForm, startOptions } from "../../shared/jobs/startRequest";
import { type RequestOption, Unreadable } from "../../shared/requestOption";

/** The flags as they were typed, under commander's names. */
export type StartFlags = Readonly<Record<string, string | boolean | undefined>>;

/** A request with its job's id. */
export type IdentifiedRequest = StartRequest & { readonly jobId: string };

const LOCAL = /^keys:(?!s3:\/\/)(.*)$/s;

const options = Object.entries(startOptions) as [keyof typeof startOptions, RequestOption][];

/** Gives a command the arguments and flags of a start request. */
export function addStartOptions(command: Command): Command {
  command.argument("<operation>", "count, export, update, delete, copy, or one of your own that the stack has");
  command.argument("<table>", "the table's name");
  for (const [, { flag, help }] of options) command.option(flag, help);
  return command;
}

/** Path of the file that a request names as its list; undefined: it names no file on this machine. */
export function localListOf({ source = "" }: Pick<StartRequest, "source">): string | undefined {
  return LOCAL.exec(source)?.[1];
}

/**
 * Reports what is wrong with the form of the flags; the start function knows what the table allows.
 *
 * @throws SluiceError USAGE, with every problem on a line
 */
export function startRequest(operation: string, table: string, flags: StartFlags, jobId: string): IdentifiedRequest {
  return { operation, table, jobId, ...readFlags(flags) } as IdentifiedRequest;
}

/**
 * The options from flags.
 * @param only names of the options to read. Default: all. @throws as startRequest
 */
export function readFlags(flags: StartFlags, only?: readonly (keyof typeof startOptions)[]): Record<string, unknown> {
  const problems: string[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, option] of options) {
    const given = flags[flagName(option.flag)];
    if (given === undefined || only?.includes(name) === false) continue;
    const value = readOption(option, given);
    if (value instanceof Unreadable) problems.push(`${option.flag.split(" ")[0]} must be ${value.rule}, got ${given}.`);
    else read[name] = value;
  }
  problems.push(...formProblems(read));
  if (problems.length > 0) throw new SluiceError("USAGE", problems.join("\n"), { value: flags });
  return read;
}

/** What the request's schema finds wrong with options, under the names of their flags. A list on this machine is no option yet. */
function formProblems(read: Readonly<Record<string, unknown>>): string[] {
  const { source, ...others } = read as Partial<StartRequest>;
  const rest = source !== undefined && localListOf({ source }) !== undefined ? others : read;
  const { problems } = startForm({ operation: "count", table: "table", ...rest });
  return problems.map((problem) => {
    const name = options.find(([name]) => new RegExp(`^${name}\\b`).test(problem));
    return name === undefined ? problem : problem.replace(name[0], name[1].flag.split(" ")[0]!);
  });
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
    return new Unreadable(`a JSON object or the path of a file with one (${(error as Error).message})`);
  }
  // Some editors put a byte order mark before the text.
  const document = text.replace(/^\ufeff/, "");
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

/** Random letters or digits of a job id. */
const RANDOM_CHARACTERS = 4;

/**
 * An id for a job: operation, time in UTC, four random letters or digits. The command makes it, not the start function:
 * if an answer is lost, the repeated request must not start a second job.
 */
export function newJobId(operation: string, now: number, random: () => number): string {
  const name = operation.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40);
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const suffix = Array.from({ length: RANDOM_CHARACTERS }, () => Math.floor(random() * 36).toString(36)).join("");
  return `${name}-${time}-${suffix}`;
}
