/** What all commands have in common: the process around them, the stack they talk to, how they complain. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { SluiceError } from "../shared/errors";
import { LOCAL_STACK, localFile, type RunCommand } from "./stackOutputs";

/** What a command needs of the process around it. */
export interface CliIo {
  stdout: NodeJS.WritableStream;
  /** All complaints go here. */
  stderr: NodeJS.WritableStream;
  /** The project's folder: `.sluice/` and `Pulumi.yaml` are looked for here. */
  root: string;
  /** Default: really runs it. */
  run?: RunCommand;
}

/** Exit code of wrong usage, and of a stack that is not there or cannot be read. */
export const USAGE = 2;

/** Makes commander write to `io` and throw instead of ending the process. Commands made of this one inherit it. */
export function configure(command: Command, io: CliIo): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    outputError: (text, write) => write(text.replace(/\n(?=.)/g, " ")),
  });
}

/** The local cloud where it is running. @throws SluiceError `NO_STACK` */
export function defaultStack(root: string): string {
  if (existsSync(localFile(root))) return LOCAL_STACK;
  const message = "No stack is named and no local cloud is running: add --stack <name>, or start `npm run local`.";
  throw new SluiceError("NO_STACK", message);
}

/** Prints a message on standard error. @returns the exit code it was given */
export function complain(io: CliIo, message: string, code: number): number {
  io.stderr.write(`${message}\n`);
  return code;
}
