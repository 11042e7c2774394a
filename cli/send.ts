/**
 * `npm run send -- <file or folder> [--stack dev|local] [--outbox <folder>] [--json]`
 *
 * The path of a file: surveyFiles → sendFiles (or sendThroughOutbox) → sender → sendSummary.
 */
// Before all others: it heeds Ctrl-C while they are loaded.
import "./interrupt";
import { resolve } from "node:path";
import { CliCommand } from "./command";
import { EXIT, interrupted } from "./errors";
import { afterLoading, interruptSignal, mayLeave } from "./interrupt";
import { asksForJson, type CliIo, defaultStack, HelpOutput } from "./io";
import { progressBar } from "./progress";
import { senderOf } from "./senderOutput";
import { sendFiles, sendThroughOutbox } from "./sendFiles";
import { exitCode, renderSummary, type SendSummary, withoutLocalCloud } from "./sendSummary";
import { readStackOutput } from "./stackOutputs";
import { surveyFiles } from "./surveyFiles";
import { endWhenClosed } from "./terminal";
import { toJson } from "./text/json";

/** What the command needs of the process around it. The progress bar goes to standard error. */
export interface SendIo extends CliIo {
  /** The folder that relative paths start from. */
  cwd: string;
  signal?: AbortSignal;
}

const NO_PATH = "Name the file or folder to send: npm run send -- <file or folder>.";

interface Flags {
  stack?: string;
  outbox?: string;
  json?: boolean;
}

/** Runs the command. @returns the exit code, as for all commands; 1 if something was not sent */
export async function main(args: string[], io: SendIo): Promise<number> {
  const help = new HelpOutput(io, asksForJson(args));
  try {
    const { path, flags } = parse(args, help);
    const summary = await send(path, flags, io);
    io.stdout.write(flags.json ? `${toJson(summary, 2)}\n` : renderSummary(summary));
    return io.signal?.aborted ? EXIT.interrupted : exitCode(summary);
  } catch (error) {
    return help.report(error);
  }
}

function parse(args: string[], io: Pick<SendIo, "stdout" | "stderr">): { path: string | undefined; flags: Flags } {
  const command = sendCommand(io).parse(args, { from: "user" });
  const path = command.args[0];
  const flags = command.opts<Flags>();
  if (path === undefined && flags.outbox === undefined) command.missingArgument("path", NO_PATH);
  command.check();
  return { path, flags };
}

/** The command as it is typed. */
export function sendCommand(io: Pick<SendIo, "stdout" | "stderr">): CliCommand {
  return new CliCommand("npm run send --", io)
    .description("Send surveys to a stack's queue. Files are neither changed nor removed.")
    .argument("[path]", "a survey's file, or a folder: all *.json in it, in the order of their names")
    .option("--stack <name>", "the stack to send to; default: local, if the local cloud is running")
    .option("--outbox <folder>", "put the files into this outbox first, then send everything that waits there")
    .option("--json", "print one JSON document instead of the summary");
}

async function send(path: string | undefined, flags: Flags, io: SendIo): Promise<SendSummary> {
  if (io.signal?.aborted) throw interrupted("Interrupted: nothing was sent.");
  const files = path === undefined ? [] : await surveyFiles(resolve(io.cwd, path));
  const stack = flags.stack ?? defaultStack(io.root);
  const output = await readStackOutput("sender", stack, io.root, io.run);
  const sender = senderOf(output, stack);
  const options = { signal: io.signal, progress: (total: number) => progressBar("Sending", total, io.stderr) };
  try {
    const summary =
      flags.outbox === undefined
        ? await sendFiles(files, sender, options)
        : await sendThroughOutbox(files, resolve(io.cwd, flags.outbox), sender, options);
    return output.endpoint === undefined ? summary : withoutLocalCloud(summary, output.endpoint, nextTime(path, flags));
  } finally {
    sender.close();
  }
}

/** Where surveys are that were not sent, and how to send them. */
function nextTime(path: string | undefined, { stack, outbox }: Flags): { kept: string; again: string } {
  const given = outbox === undefined ? quoted(path!) : `--outbox ${quoted(outbox)}`;
  const again = ["npm run send --", given, ...(stack === undefined ? [] : ["--stack", stack])].join(" ");
  return { kept: outbox === undefined ? "the files are unchanged" : `they wait in the outbox ${outbox}`, again };
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** npm runs scripts in the project's folder. INIT_CWD has the folder that the user is in. */
function startedIn(env: NodeJS.ProcessEnv): string {
  return env.npm_lifecycle_event === "send" && env.INIT_CWD ? env.INIT_CWD : process.cwd();
}

if (require.main === module) {
  const { stdout, stderr } = process;
  endWhenClosed(stdout, stderr);
  const io = { stdout, stderr, root: process.cwd(), cwd: startedIn(process.env), signal: interruptSignal };
  const end = (code: number) => {
    process.exitCode = code;
  };
  mayLeave("surveys under way may have arrived, and sending them again is harmless");
  afterLoading(() => void main(process.argv.slice(2), io).then(end));
}
