import type { Command } from "commander";
import type { Clock } from "../shared/clock";
import { interrupted, reportOf } from "./errors";
import { type Intake, intakeOf } from "./intakeStack";
import { type CliIo, defaultStack, report } from "./io";
import { type Operator, operatorOf } from "./operator";
import { readStackOutput, type StackOutput } from "./stackOutputs";
import { columnsOf } from "./terminal";
import { JsonListing, type Listing, TextListing } from "./text/listing";
import { wrapPairs } from "./text/wrap";
import { UsageProblems } from "./usageProblems";

/** What the commands for jobs need of the process around them. */
export interface SluiceIo extends CliIo {
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  /** From when it is called, Ctrl-C aborts this signal instead of ending the process. */
  interruptible: () => AbortSignal;
  /** Notes what a second Ctrl-C leaves behind from now on, as the end of a sentence. Default: nobody reports it. */
  mayLeave?: (what: string) => void;
  /** Asks the person at the terminal for one line. Absent: there is no terminal. */
  ask?: (question: string) => Promise<string>;
}

/** Options that every command takes. */
export interface CommonFlags {
  stack?: string;
  json?: boolean;
}

/** What Ctrl-C means while a command is at some point of its work. */
export interface WhenInterrupted {
  /** What happens to the work, a sentence. */
  readonly message: string;
  /** Removes what the command has put somewhere. Default: nothing to remove. */
  readonly cleanUp?: (() => Promise<unknown>) | undefined;
}

/** One run of one command. */
export class Session {
  readonly json: boolean;
  /** Ctrl-C aborts it. */
  readonly stop: AbortSignal;
  /** Undefined: the command ends by itself when its signal is aborted. */
  private whenInterrupted: WhenInterrupted | undefined = { message: "Interrupted." };
  /** Whether Ctrl-C has ended the work, though some of it may still be under way. */
  private isInterrupted = false;
  private opened: Operator | undefined;
  private openedIntake: Intake | undefined;
  private openList: JsonListing | undefined;
  private readonly usage: UsageProblems;
  private readonly outputs = new Map<string, Promise<StackOutput>>();
  /** The stack, once it is known: the local cloud may stop while its page is served. */
  private stack: string | undefined;

  /** @param problems of the options, a sentence each. They are reported before any request goes to the stack. */
  constructor(
    readonly io: SluiceIo,
    private readonly flags: CommonFlags,
    problems: readonly string[] = [],
  ) {
    this.usage = new UsageProblems(problems);
    this.json = flags.json ?? false;
    this.stop = io.interruptible();
  }

  /** Does the command's work, and reports what fails. @returns the exit code */
  async run(work: (session: Session) => Promise<number>): Promise<number> {
    try {
      // Ctrl-C may come before the command has begun.
      if (this.stop.aborted) throw interrupted("Interrupted.");
      const code = await this.unlessInterrupted(work(this));
      this.checkOptions();
      return code;
    } catch (error) {
      return this.fail(this.usage.with(error));
    } finally {
      this.close();
    }
  }

  /**
   * From now on the command ends by itself when the signal is aborted.
   * @param left what it leaves behind if it can't, as the end of a sentence. Default: nothing but jobs
   */
  interruptible(left?: string): AbortSignal {
    this.whenInterrupted = undefined;
    if (left !== undefined) this.io.mayLeave?.(left);
    return this.stop;
  }

  /** What Ctrl-C means from now on. @throws SluiceError INTERRUPTED if it came before: nothing further may begin then */
  ifInterrupted(means: WhenInterrupted): void {
    if (this.stop.aborted) throw interrupted(means.message);
    this.whenInterrupted = means;
  }

  /** The stack's jobs; asks for its outputs the first time. */
  async operator(): Promise<Operator> {
    if (this.opened !== undefined) return this.opened;
    const [output, stack] = await this.output("operator");
    this.opened = operatorOf(output, stack, this.io.clock);
    return this.opened;
  }

  /** The stack's submissions; asks for its outputs the first time. */
  async intake(): Promise<Intake> {
    if (this.openedIntake !== undefined) return this.openedIntake;
    const [output, stack] = await this.output("intake");
    this.openedIntake = intakeOf(output, stack, this.io.clock);
    return this.openedIntake;
  }

  close(): void {
    this.opened?.close();
    this.openedIntake?.close();
  }

  /** Columns of the terminal. Undefined: there is none. */
  get width(): number | undefined {
    return columnsOf(this.io.stdout);
  }

  /** Prints a document with --json, else the text; either ends with a line break. Interrupted work prints nothing more. */
  print(document: string, text: string): void {
    if (this.isInterrupted) return;
    this.io.stdout.write(`${this.json ? document : wrapPairs(text, this.width)}\n`);
  }

  /** A list that is printed while it is read. @param name of its field in the document */
  list(name: string): Listing {
    if (!this.json) return new TextListing((text) => this.print("", text));
    this.openList = new JsonListing(this.io.stdout, name);
    return this.openList;
  }

  /**
   * Reads an option, a file or the like. A problem of usage is kept: the first request reports all of them at once.
   * @returns undefined if there is a problem
   */
  read<T>(read: () => T | Promise<T>): Promise<T> {
    return this.usage.read(read);
  }

  /** An output of the stack, read once, and the stack's name. @throws as checkOptions */
  async output(name: string): Promise<[output: StackOutput, stack: string]> {
    const stack = await this.read(() => this.stack ?? this.flags.stack ?? defaultStack(this.io.root));
    this.checkOptions();
    this.stack = stack;
    let output = this.outputs.get(name);
    if (output === undefined) {
      output = readStackOutput(name, stack, this.io.root, this.io.run);
      this.outputs.set(name, output);
      // An output that could not be read is read again when it is next needed.
      output.catch(() => this.outputs.delete(name));
    }
    return [await output, stack];
  }

  /** How a command would be typed for the same stack. */
  hint(command: string): string {
    const stack = this.flags.stack === undefined ? "" : ` --stack ${this.flags.stack}`;
    return `npm run sluice -- ${command}${stack}`;
  }

  /** @throws RequestProblems `USAGE` if options have problems; the error of `read` if there is one problem only */
  checkOptions(): void {
    this.usage.check();
  }

  private fail(error: unknown): number {
    const { document, exitCode } = reportOf(error);
    if (this.openList === undefined) return report(this.io, error, { json: this.json, advice: this.adviceOn(error) });
    this.openList.end(document);
    return exitCode;
  }

  private adviceOn(error: unknown): string {
    const { code } = reportOf(error).document.error;
    return code === "NO_SUCH_JOB" ? ` \`${this.hint("jobs list")}\` lists the newest jobs.` : "";
  }

  private unlessInterrupted(work: Promise<number>): Promise<number> {
    return new Promise((resolve, reject) => {
      const abort = async () => {
        if (this.whenInterrupted === undefined) return;
        this.isInterrupted = true;
        const { message, cleanUp } = this.whenInterrupted;
        if (cleanUp !== undefined) this.io.mayLeave?.("what it had put into the results bucket may still be there");
        const left = await cleanUp?.().then(
          () => "",
          () => " What it had put into the results bucket is still there.",
        );
        reject(interrupted(message + (left ?? "")));
      };
      this.stop.addEventListener("abort", abort, { once: true });
      // The end of interrupted work is no longer waited for.
      const unless =
        <T>(settle: (how: T) => void) =>
        (how: T) =>
          this.isInterrupted || settle(how);
      work.then(unless(resolve), unless(reject)).finally(() => this.stop.removeEventListener("abort", abort));
    });
  }
}

/** What a command does. @returns its exit code */
export type Work<Flags> = (session: Session, args: string[], flags: Flags) => Promise<number>;

/** Gives a commander command its work. */
export type Attach = <Flags>(command: Command, work: Work<Flags & CommonFlags>) => void;
