/** What all commands have in common: the process around them, the stack they talk to, how they report errors. */
import { PassThrough } from "node:stream";
import { SluiceError } from "../shared/errors";
import { EXIT, type ExitCode, isUnforeseen, reportOf } from "./errors";
import { hasLocalCloud, LOCAL_STACK, type RunCommand } from "./stackOutputs";
import { toJson } from "./text/json";

/** Where a command's help goes. With --json it is kept, for standard output is one JSON document. */
export class HelpOutput {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  private readonly kept = new PassThrough();

  constructor(
    private readonly io: Pick<CliIo, "stdout" | "stderr">,
    readonly json: boolean,
  ) {
    this.stdout = json ? this.kept : io.stdout;
    // Help without being asked is an error, whose document says so.
    this.stderr = json ? new PassThrough() : io.stderr;
  }

  /** Reports what ended the command's parsing: help that was asked for, or an error. @returns the exit code */
  report(error: unknown): ExitCode {
    const help = this.kept.read();
    if (help === null) return report(this.io, error, this);
    this.io.stdout.write(`${toJson({ help: String(help).trimEnd() }, 2)}\n`);
    return EXIT.done;
  }
}

/** What a command needs of the process around it. */
export interface CliIo {
  stdout: NodeJS.WritableStream;
  /** All complaints go here; with --json, errors are documents on standard output. */
  stderr: NodeJS.WritableStream;
  /** The project's folder: `.sluice/` and `Pulumi.yaml` are looked for here. */
  root: string;
  /** Default: runs it for real. */
  run?: RunCommand;
}

/** The local cloud, if it is running. @throws SluiceError `NO_STACK` */
export function defaultStack(root: string): string {
  if (hasLocalCloud(root)) return LOCAL_STACK;
  const message = "No stack is named and no local cloud is running: add --stack <name>, or start `npm run local`.";
  throw new SluiceError("NO_STACK", message);
}

/** Prints a message on standard error. */
export function complain({ stderr }: Pick<CliIo, "stderr">, message: string): void {
  stderr.write(`${message}\n`);
}

/** Whether the arguments ask for JSON, even if something else is wrong with them. */
export function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--json");
}

/**
 * Reports an error: with --json as a document on standard output, else as text on standard error. The stack of an
 * unexpected one follows on standard error.
 *
 * @param advice a sentence that follows the text. @param command what the text begins with. @returns the exit code
 */
export function report(
  { stdout, stderr }: Pick<CliIo, "stdout" | "stderr">,
  error: unknown,
  { json, advice = "", command = "" }: { readonly json: boolean; readonly advice?: string; readonly command?: string },
): ExitCode {
  const { document, text, exitCode } = reportOf(error);
  if (exitCode === 0) return exitCode;
  if (json) stdout.write(`${toJson(document, 2)}\n`);
  else stderr.write(`${command}${text}${advice}\n`);
  if (isUnforeseen(error) && error instanceof Error) stderr.write(`${error.stack}\n`);
  return exitCode;
}
