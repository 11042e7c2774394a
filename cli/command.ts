/** Commander's command with one change: it collects the problems of the command line, so that all are reported at once. */
import {
  type AddHelpTextContext,
  type AddHelpTextPosition,
  type Argument,
  Command,
  Help,
  InvalidArgumentError,
  type Option,
  type OptionValues,
} from "commander";
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

/** Subcommands inherit the output. Parsing never ends the process. */
export class CliCommand extends Command {
  private readonly found: string[] = [];
  private readonly isUnknown: string[] = [];
  private readonly valueless = new Set<string>();

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
    if (this.problems.length > 0) throw usage(this.problems);
    return this;
  }

  override addArgument(argument: Argument): this {
    const { argChoices } = argument;
    if (argChoices !== undefined) argument.argParser((text) => this.choiceOf(argument.name(), argChoices, text));
    return super.addArgument(argument);
  }

  private choiceOf(name: string, choices: readonly string[], text: string): string {
    if (!choices.includes(text))
      this.found.push(`<${name}> must be ${choices.join(" or ")}, got ${text || "nothing"}.`);
    return text;
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
    const { parseArg } = option;
    if (parseArg !== undefined) {
      // Commander ends at the first value that it can't read.
      option.argParser((text: string | undefined, previous: unknown) => {
        if (text === undefined) return previous;
        try {
          return parseArg(text, previous);
        } catch (error) {
          if (!(error instanceof InvalidArgumentError)) throw error;
          const rule = option.argChoices === undefined ? error.message : `must be ${option.argChoices.join(" or ")}`;
          this.found.push(`${option.long} ${rule}, got ${text || "nothing"}.`);
          return previous;
        }
      });
    }
    return super.addOption(option);
  }

  /** Commander's complaint as a sentence. Without a command it is thrown at once, because nothing else can be checked. */
  override error(message: string, options: { code?: string } = {}): never {
    const text = message.replace(/^error: /, "").replaceAll("\n", " ");
    this.found.push(`${text[0]?.toUpperCase()}${text.slice(1)}.`);
    if (options.code === "commander.unknownCommand") throw usage(this.problems);
    return undefined as never;
  }

  /** The options that were typed, here or on a parent command. Options without their value are left out. */
  given<Flags extends OptionValues>(): Flags {
    const above = this.parent instanceof CliCommand ? this.parent.given() : {};
    const own = Object.entries(this.opts()).filter(([name]) => !this.valueless.has(name));
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
  missingArgument(name: string): void {
    if (this.isUnknown.length === 0) this.found.push(`Argument <${name}> is missing.`);
  }

  _excessArguments(received: readonly string[]): void {
    const excess = received.slice(this.registeredArguments.length);
    this.found.push(...excess.map((text) => `Argument ${text} is one too many.`));
  }

  /** Reports all of them. Commander reports only the first. */
  unknownOption(first: string): void {
    const rest = this.args.slice(this.args.indexOf(first));
    this.args = this.args.slice(0, this.args.length - rest.length);
    this.isUnknown.push(...new Set(rest.filter((text) => /^-./.test(text))));
    const report = (Command.prototype as unknown as { unknownOption(this: Command, flag: string): void }).unknownOption;
    for (const flag of this.isUnknown) report.call(this, flag);
  }
}

/** Problems of the command line. */
export function usage(problems: readonly string[]): RequestProblems {
  return new RequestProblems(problems, { code: "USAGE" });
}
