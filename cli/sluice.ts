/**
 * `npm run sluice -- <command> [--stack dev|local] [--json]`: the operator's command line.
 *
 * The path of a command: here → <group>/commands.ts → the stack's output `operator` (operator.ts) → the jobs table
 * (shared/jobs) or the start function (startFunction.ts) → what is printed (jobs/render*.ts, jobs/watch.ts). Of an `intake`
 * command: here → intake/commands.ts → the stack's output `intake` (intakeStack.ts) → services/ingest/desk.
 */
// Before all others: it heeds Ctrl-C while they are loaded.
import "./interrupt";
import { systemClock } from "../shared/clock";
import { CliCommand } from "./command";
import { addCompletionCommand } from "./completion/completionCommand";
import { EXIT } from "./errors";
import { addFailuresCommand } from "./failures/failuresCommand";
import { addRedriveCommand } from "./failures/redriveCommand";
import { addIntakeCommands } from "./intake/commands";
import { afterLoading, interruptSignal, mayLeave } from "./interrupt";
import { asksForJson, HelpOutput } from "./io";
import { addJobsCommands } from "./jobs/commands";
import { addLogsCommand } from "./logs/logsCommand";
import { type Attach, Session, type SluiceIo } from "./session";
import { addSmokeCommand } from "./smoke/smokeCommand";
import { addStartCommand } from "./start/commands";
import { addEstimateCommand } from "./start/estimateCommand";
import { addUndoCommand } from "./start/undoCommand";
import { addTablesCommand } from "./tables/tablesCommand";
import { askLine, endWhenClosed } from "./terminal";
import { addUiCommand } from "./ui/uiCommand";

const EXIT_CODES = `
Exit code: 0 success, 1 refused or failed, 2 wrong usage or no such stack,
3 stopped by Ctrl-C. With --json, errors are JSON documents too (docs/cli.md).`;

/** Runs a command. @returns its exit code */
export async function main(args: string[], io: SluiceIo): Promise<number> {
  let code: number = EXIT.done;
  const attach: Attach = (command, work) => {
    command.action(async (...given: unknown[]) => {
      const typed = given.at(-1) as CliCommand;
      const flags = typed.given<Parameters<typeof work>[2]>();
      code = await new Session(io, flags, typed.problems).run((session) => work(session, typed.args, flags));
    });
  };
  const help = new HelpOutput(io, asksForJson(args));
  try {
    await programOf(help, attach).parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return help.report(error);
  }
}

/** All commands. @param attach gives each its work */
export function programOf(io: Pick<SluiceIo, "stdout" | "stderr">, attach: Attach): CliCommand {
  const program = new CliCommand("npm run sluice --", io)
    .description("Start, watch and control bulk work on DynamoDB; look after submissions.")
    .option("--stack <name>", "the stack to work on; default: local, if the local cloud is running")
    .option("--json", "print one JSON document instead of text")
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
  addTablesCommand(program, attach);
  addLogsCommand(program, attach);
  addUiCommand(program, attach);
  addSmokeCommand(program, attach);
  addCompletionCommand(program, attach);
  return program;
}

/** Interrupted work may still be waiting for an answer that nobody needs. */
function end(code: number, stdout: NodeJS.WritableStream): void {
  process.exitCode = code;
  if (interruptSignal.aborted) stdout.write("", () => process.exit());
}

if (require.main === module) {
  const { stdin, stdout, stderr } = process;
  endWhenClosed(stdout, stderr);
  const interruptible = () => interruptSignal;
  const around = {
    stdout,
    stderr,
    root: process.cwd(),
    clock: systemClock,
    random: Math.random,
    interruptible,
    mayLeave,
  };
  // Questions go to standard error, so that `--json` prints one document.
  const ask = (question: string) => askLine(question, stdin, stderr);
  const io = stdin.isTTY && stderr.isTTY ? { ...around, ask } : around;
  afterLoading(() => void main(process.argv.slice(2), io).then((code) => end(code, stdout)));
}
