/**
 * `npm run send -- <file or folder> [--stack dev|local] [--outbox <folder>] [--json]`
 *
 * The way of a file: surveyFiles → sendFiles (or sendThroughOutbox) → sender → sendSummary.
 */
import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { SenderError } from "../sender/index";
import { SluiceError } from "../shared/errors";
import { type CliIo, complain, configure, defaultStack, USAGE } from "./io";
import { progressBar } from "./progress";
import { senderOf } from "./senderOutput";
import { sendFiles, sendThroughOutbox } from "./sendFiles";
import { exitCode, renderSummary, type SendSummary } from "./sendSummary";
import { readStackOutput } from "./stackOutputs";
import { surveyFiles } from "./surveyFiles";

/** What the command needs of the process around it. The progress bar goes to standard error. */
export interface SendIo extends CliIo {
  /** What relative paths are relative to. */
  cwd: string;
  signal?: AbortSignal;
}

interface Flags {
  stack?: string;
  outbox?: string;
  json?: boolean;
}

/** Runs the command. @returns the exit code: 0 all sent, 1 something was not, 2 wrong usage or an unknown stack */
export async function main(args: string[], io: SendIo): Promise<number> {
  try {
    const { path, flags } = parse(args, io);
    const summary = await send(path, flags, io);
    io.stdout.write(flags.json ? `${JSON.stringify(summary, null, 2)}\n` : renderSummary(summary));
    return exitCode(summary);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof SluiceError) return complain(io, error.message, USAGE);
    if (error instanceof SenderError) return complain(io, error.message, 1);
    throw error;
  }
}

function parse(args: string[], io: SendIo): { path: string | undefined; flags: Flags } {
  const command = configure(new Command("npm run send --"), io)
    .description("Send surveys to a stack's queue. Files are neither changed nor removed.")
    .argument("[path]", "a survey's file, or a folder: all *.json in it, in the order of their names")
    .option("--stack <name>", "the stack to send to; default: local, where the local cloud is running")
    .option("--outbox <folder>", "put the files into this outbox first, then send all that waits in it")
    .option("--json", "print one JSON document instead of the summary");
  command.parse(args, { from: "user" });
  const path = command.args[0];
  const flags = command.opts<Flags>();
  if (path === undefined && flags.outbox === undefined) {
    throw new SluiceError("NO_PATH", "Name the file or folder to send: npm run send -- <file or folder>.");
  }
  return { path, flags };
}

async function send(path: string | undefined, flags: Flags, io: SendIo): Promise<SendSummary> {
  const files = path === undefined ? [] : await surveyFiles(resolve(io.cwd, path));
  const stack = flags.stack ?? defaultStack(io.root);
  const sender = senderOf(await readStackOutput("sender", stack, io.root, io.run), stack);
  const options = { signal: io.signal, progress: (total: number) => progressBar("Sending", total, io.stderr) };
  try {
    if (flags.outbox === undefined) return await sendFiles(files, sender, options);
    return await sendThroughOutbox(files, resolve(io.cwd, flags.outbox), sender, options);
  } finally {
    sender.close();
  }
}

/** npm runs scripts in the project's folder. INIT_CWD has the folder that the user is in. */
function startedIn(env: NodeJS.ProcessEnv): string {
  return env.npm_lifecycle_event === "send" && env.INIT_CWD ? env.INIT_CWD : process.cwd();
}

if (require.main === module) {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(new Error("interrupted")));
  const { stdout, stderr } = process;
  const io = { stdout, stderr, root: process.cwd(), cwd: startedIn(process.env), signal: interrupt.signal };
  void main(process.argv.slice(2), io).then((code) => {
    process.exitCode = code;
  });
}
