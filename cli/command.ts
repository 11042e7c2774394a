/** Commander's command with one change: it collects the problems of the command line, so that all are reported at once. */
import {
  type AddHelpTextContext,
  type AddHelpTextPosition,
  type Argument,
  Command,
  Help,
  type HelpContext,
  InvalidArgumentError,
  Option,
  type OptionValues,
} from "commander";
import { nearestNames } from "../shared/nearestNames";
import { anyOf, cut, mustBe } from "../shared/requestOption";
import { RequestProblems } from "./errors";
import type { CliIo } from "./io";
import { columnsOf } from "./terminal";
import { wrapLine, wrapParagraphs } from "./text/wrap";

/** Columns of help where there is no terminal. */
const HELP_WIDTH = 80;
/** Commander's, before a name and between it and its description. */
const SPACES = 4;

/** Where a terminal has no room for descriptions beside the names, they stand below them; commander leaves them to the terminal. */
class FittingHelp extends Help {
  override formatItem(term: string, termWidth: number, description: string, helper: Help): string {
    const { helpWidth = HELP_WIDTH, minWidthToWrap } = this;
    const besideTerm = helpWidth - termWidth - SPACES;
    if (description === "" || besideTerm >= minWidthToWrap) {
      return super.formatItem(term, termWidth, description, helper);
    }
    const indent = " ".repeat(6);
    return `  ${term}\n${wrapLine(indent + description, helpWidth, indent)}`;
  }
}

/** An option that may be given several times with different values. Its parser adds each value to those before. */
export class RepeatableOption extends Option {}

/** Subcommands inherit the output. Parsing never ends the process. */
export class CliCommand extends Command {
  /** Commander's, though its types lack it. */
  declare unknownCommand: () => never;
  private readonly found: string[] = [];
  private readonly isUnknown: string[] = [];
  private readonly valueless = new Set<string>();
  /** What was typed for each option so far. */
  private readonly typed = new Map<string, string>();

  constructor(name?: string, { stdout, stderr }: Pick<CliIo, "stdout" | "stderr"> = process) {
    super(name);
    this.exitOverride().configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => columnsOf(stdout) ?? HELP_WIDTH,
      getErrHelpWidth: () => columnsOf(stderr) ?? HELP_WIDTH,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }

  /** Problems of the command line, a sentence each. */
  get problems(): readonly string[] {
    const above = this.parent instanceof CliCommand ? this.parent.problems : [];
    return [...above, ...this.found];
  }

  /** @throws RequestProblems `USAGE` if there is a problem */
  check(): this {
    checkUsage(this.problems);
    return this;
  }

  /** A shell variable that is not set leaves an empty argument. */
  override addArgument(argument: Argument): this {
    const { parseArg, argChoices } = argument;
    const name = argument.name();
    argument.argParser((text: string, previous: unknown) => {
      if (isBlank(text)) this.missingArgument(name);
      else return parseArg === undefined ? text : this.parsed(`<${name}>`, text, previous, { parseArg, argChoices });
      return previous;
    });
    return super.addArgument(argument);
  }

  /** Commander ends at the first value that it can't read. */
  private parsed(name: string, text: string, previous: unknown, { parseArg, argChoices }: Parsing): unknown {
    try {
      return parseArg(text, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const rule = argChoices === undefined ? error.message : mustBe(text, argChoices);
      this.found.push(`${name} ${rule}, got ${cut(text)}.`);
      return previous;
    }
  }

  /** Paragraphs are written for HELP_WIDTH columns and fit narrower terminals as well. */
  override addHelpText(position: AddHelpTextPosition, text: string | ((context: AddHelpTextContext) => string)): this {
    const { getOutHelpWidth, getErrHelpWidth } = this.configureOutput();
    return super.addHelpText(position, (context) => {
      const width = (context.error ? getErrHelpWidth : getOutHelpWidth)?.();
      return wrapParagraphs(typeof text === "string" ? text : text(context), width);
    });
  }

  override createHelp(): Help {
    return Object.assign(new FittingHelp(), this.configureHelp());
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  override addOption(option: Option): this {
    const { parseArg, argChoices } = option;
    if (option.required) {
      option.argParser((text: string | undefined, previous: unknown) => {
        if (text === undefined) return previous;
        const before = this.found.length;
        if (isBlank(text)) this.optionMissingArgument(option);
        else if (!(option instanceof RepeatableOption)) this.checkSingle(option, text);
        const value =
          parseArg === undefined || isBlank(text)
            ? text
            : this.parsed(option.long!, text, previous, { parseArg, argChoices });
        if (this.found.length > before) this.valueless.add(option.attributeName());
        return value;
      });
    }
    return super.addOption(option);
  }

  /** The same value may be given twice. */
  private checkSingle(option: Option, text: string): void {
    const before = this.typed.get(option.name());
    this.typed.set(option.name(), text);
    if (before === undefined || before === text) return;
    this.found.push(`${option.long} must be given once, got ${cut(before)} and ${cut(text)}.`);
  }

  /** Commander's complaint as a sentence. Without a command it is thrown at once, because nothing else can be checked. */
  override error(message: string, options: { code?: string } = {}): never {
    const text = message.replace(/^error: /, "").replaceAll("\n", " ");
    this.found.push(`${text[0]?.toUpperCase()}${text.slice(1)}.`);
    if (options.code === "commander.unknownCommand") throw usage(this.problems);
    return undefined as never;
  }

  /** The options that were typed, here or on a parent command. Undefined: without a valid value. */
  given<Flags extends OptionValues>(): Flags {
    const above = this.parent instanceof CliCommand ? this.parent.given() : {};
    const own = Object.entries(this.opts()).map(([name, value]) => [
      name,
      this.valueless.has(name) ? undefined : value,
    ]);
    return { ...Object.fromEntries(own), ...above } as Flags;
  }

  optionMissingArgument(option: Option): void {
    this.valueless.add(option.attributeName());
    this.found.push(`${option.long} needs a value: ${option.flags}.`);
  }

  missingMandatoryOptionValue({ flags }: Option): void {
    this.found.push(`Option ${flags} is missing.`);
  }

  /** An unknown option may have swallowed the argument. */
  missingArgument(name: string, problem = `Argument <${name}> is missing.`): void {
    if (this.isUnknown.length === 0) this.found.push(problem);
  }

  _excessArguments(received: readonly string[]): void {
    const excess = received.slice(this.registeredArguments.length);
    this.found.push(...excess.map((text) => `Argument ${cut(text)} is one too many.`));
  }

  /** Reports all of them. Commander reports only the first. */
  unknownOption(first: string): void {
    const rest = this.args.slice(this.args.indexOf(first));
    this.args = this.args.slice(0, this.args.length - rest.length);
    this.isUnknown.push(...new Set(rest.filter((text) => /^-./.test(text))));
    for (const text of this.isUnknown) this.found.push(this.unknownProblem(text));
  }

  private unknownProblem(text: string): string {
    const flags = this.flags();
    const [flag = "", value] = text.split(/=(.*)/s);
    if (value !== undefined && flags.includes(flag)) return `${flag} takes no value, got ${cut(value)}.`;
    const near = nearestNames(
      flag.replace(/^-+/, ""),
      flags.map((known) => known.slice(2)),
    );
    const offer = near.length === 0 ? "" : ` (Did you mean ${anyOf(near.map((name) => `--${name}`))}?)`;
    return `Unknown option '${cut(text)}'${offer}.`;
  }

  /** Of this command and those above it. */
  private flags(): string[] {
    const own = this.createHelp().visibleOptions(this);
    const above = this.parent instanceof CliCommand ? this.parent.flags() : [];
    return [...own.flatMap(({ long }) => long ?? []), ...above];
  }

  /** `help jobs list` is `jobs list --help`. Commander takes one name, and prints its own help for an unknown one. */
  _dispatchHelpCommand(): never {
    const names = this.args.slice(1).filter((text) => !text.startsWith("-") && text !== "help");
    const named = names.reduce<CliCommand>((command, name) => command.subcommand(name), this);
    return named.help();
  }

  /** @throws RequestProblems `USAGE` if there is none of that name */
  private subcommand(name: string): CliCommand {
    const found = this.commands.find((each) => each.name() === name);
    if (found instanceof CliCommand) return found;
    this.args = [name];
    return this.unknownCommand();
  }

  /** An unknown option explains the failure better than the missing command does. */
  override help(context?: HelpContext | ((text: string) => string)): never {
    if (typeof context === "object" && context.error) this.check();
    return super.help(context as HelpContext);
  }
}

interface Parsing {
  readonly parseArg: <T>(text: string, previous: T) => T;
  readonly argChoices: readonly string[] | undefined;
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** @throws RequestProblems `USAGE` if there is a problem */
export function checkUsage(problems: readonly string[]): void {
  if (problems.length > 0) throw usage(problems);
}

/** Problems of the command line. */
export function usage(problems: readonly string[]): RequestProblems {
  return new RequestProblems(problems, { code: "USAGE" });
}
