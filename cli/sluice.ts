/**
 * `npm run sluice -- <command> [--stack dev|local] [--json]`: the operator's command line.
 *
 * The way of a command: here → <group>/commands.ts → the stack's output `operator` (operator.ts) → the jobs table
 * (shared/jobs) or the start function (startFunction.ts) → what is printed (jobs/render*.ts, jobs/watch.ts). Of an `intake`
 * command: here → intake/commands.ts → the stack's output `intake` (intakeStack.ts) → services/ingest/desk.
 */
import { createInterface } from "node:readline/promises";
import { Command, CommanderError } from "commander";
import { systemClock } from "../shared/clock";
import { SluiceError } from "../shared/errors";
import { awsSentence } from "./awsError";
import { addFailuresCommand } from "./failures/failuresCommand";
import { addRedriveCommand } from "./failures/redriveCommand";
import { addIntakeCommands } from "./intake/commands";
import { complain, configure, USAGE } from "./io";
import { addJobsCommands } from "./jobs/commands";
import { type Attach, type CommonFlags, Session, type SluiceIo } from "./session";
import { addSmokeCommand } from "./smoke/smokeCommand";
import { LOCAL_STACK } from "./stackOutputs";
import { addStartCommand } from "./start/commands";
import { addEstimateCommand } from "./start/estimateCommand";
import { addUndoCommand } from "./start/undoCommand";
import { addUiCommand } from "./ui/uiCommand";

const EXIT_CODES = `
Exit code: 0 done, 1 refused or failed, 2 wrong usage or no such stack.
\`jobs watch --help\` has those of watching.`;

/** What whoever typed the command can set right: an unknown stack, an option. Other errors are about the job. */
const USAGE_CODES = new Set([
  "USAGE",
  "NO_STACK",
  "LOCAL_CLOUD_DOWN",
  "LOCAL_FILE_INVALID",
  "NO_PULUMI",
  "STACK_UNREADABLE",
  "NO_SUCH_OUTPUT",
  "OPERATOR_OUTPUT_INVALID",
  "INTAKE_OUTPUT_INVALID",
  "INVALID_PARTICIPANT",
  "IDS_FILE",
  "PRICES_UNREADABLE",
  "PRICES_INVALID",
  "PORT_TAKEN",
]);

/** Runs a command. @returns its exit code */
export async function main(args: string[], io: SluiceIo): Promise<number> {
  let code = 0;
  const attach: Attach = (command, work) => {
    command.action(async (...given: unknown[]) => {
      const flags = (given.at(-1) as Command).optsWithGlobals<Parameters<typeof work>[2]>();
      code = await run(io, flags, (session) => work(session, command.args, flags));
    });
  };
  try {
    await programOf(io, attach).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
}

function programOf(io: SluiceIo, attach: Attach): Command {
  const program = configure(new Command("npm run sluice --"), io)
    .description("Start, watch and control bulk work on DynamoDB; look after submissions.")
    .option("--stack <name>", "the stack that this is about; default: local, where the local cloud is running")
    .option("--json", "print JSON instead of text")
    // Commands with two arguments leave less than commander's 40 characters for their descriptions.
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 30 })
    .addHelpText("after", EXIT_CODES);
  addEstimateCommand(program, attach);
  addStartCommand(program, attach);
  const jobs = addJobsCommands(program, attach);
  addFailuresCommand(jobs, attach);
  addRedriveCommand(jobs, attach);
  addUndoCommand(jobs, attach);
  addIntakeCommands(program, attach);
  addUiCommand(program, attach);
  addSmokeCommand(program, attach);
  return program;
}

async function run(io: SluiceIo, flags: CommonFlags, work: (session: Session) => Promise<number>): Promise<number> {
  const session = new Session(io, flags);
  try {
    return await work(session);
  } catch (error) {
    if (error instanceof SluiceError) {
      return complain(io, error.message + adviceOn(error, session), USAGE_CODES.has(error.code) ? USAGE : 1);
    }
    const sentence = awsSentence(error);
    if (sentence === undefined) throw error;
    const advice = flags.stack === undefined || flags.stack === LOCAL_STACK ? " Is `npm run local` still up?" : "";
    return complain(io, /could not be reached/.test(sentence) ? sentence + advice : sentence, 1);
  } finally {
    session.close();
  }
}

function adviceOn({ code }: SluiceError, session: Session): string {
  return code === "NO_SUCH_JOB" ? ` \`${session.hint("jobs list")}\` lists the newest jobs.` : "";
}

/** From now on Ctrl-C, or SIGTERM, aborts the signal; a second one ends the process as ever. */
function interruptible(): AbortSignal {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interrupt.abort(new Error("interrupted")));
  return interrupt.signal;
}

/** The question goes to standard error, so that `--json` prints one document. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

if (require.main === module) {
  const { stdin, stdout, stderr } = process;
  // Whoever reads our output may have had enough of it: `… | head`.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const around = { stdout, stderr, root: process.cwd(), clock: systemClock, random: Math.random, interruptible };
  const io = stdin.isTTY && stderr.isTTY ? { ...around, ask } : around;
  void main(process.argv.slice(2), io).then((code) => {
    process.exitCode = code;
  });
}
