import type { Command } from "commander";
import type { Clock } from "../shared/clock";
import { type Intake, intakeOf } from "./intakeStack";
import { type CliIo, defaultStack } from "./io";
import { type Operator, operatorOf } from "./operator";
import { readStackOutput, type StackOutput } from "./stackOutputs";

/** What the commands for jobs need of the process around them. */
export interface SluiceIo extends CliIo {
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  /** From when it is called, Ctrl-C aborts this signal instead of ending the process. */
  interruptible: () => AbortSignal;
  /** Asks whoever sits at the terminal, for one line. Absent: nobody does. */
  ask?: (question: string) => Promise<string>;
}

/** Options that every command takes. */
export interface CommonFlags {
  stack?: string;
  json?: boolean;
}

/** One run of one command. */
export class Session {
  readonly json: boolean;
  private opened: Operator | undefined;
  private openedIntake: Intake | undefined;
  private readonly outputs = new Map<string, Promise<StackOutput>>();

  constructor(
    readonly io: SluiceIo,
    private readonly flags: CommonFlags,
  ) {
    this.json = flags.json ?? false;
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

  /** Prints a document with --json, else the text; either ends with a line break. */
  print(document: string, text: string): void {
    this.io.stdout.write(`${this.json ? document : text}\n`);
  }

  /** An output of the stack, read once, and the stack's name. */
  async output(name: string): Promise<[output: StackOutput, stack: string]> {
    const stack = this.flags.stack ?? defaultStack(this.io.root);
    const known = this.outputs.get(name);
    const output = known ?? readStackOutput(name, stack, this.io.root, this.io.run);
    this.outputs.set(name, output);
    return [await output, stack];
  }

  /** How a command would be typed for the same stack. */
  hint(command: string): string {
    const stack = this.flags.stack === undefined ? "" : ` --stack ${this.flags.stack}`;
    return `npm run sluice -- ${command}${stack}`;
  }
}

/** What a command does. @returns its exit code */
export type Work<Flags> = (session: Session, args: string[], flags: Flags) => Promise<number>;

/** Gives a commander command its work. */
export type Attach = <Flags>(command: Command, work: Work<Flags & CommonFlags>) => void;
