/** `scan start`: wiring only. */
import { type Command, Option } from "commander";
import { complain } from "../io";
import { renderAnswer, renderRefusal } from "../jobs/verbs";
import { watchJob } from "../jobs/watchJob";
import type { Attach, Session } from "../session";
import { invokeStart, isRefusal } from "../startFunction";
import { toJson } from "../text/json";
import { newJobId, type StartFlags, startRequest } from "./request";

const EXAMPLES = `
Examples:
  scan start surveys --operation count --rate 50%
  scan start surveys --operation export --rate 200 --segments 32 --export-prefix nightly/ --watch
  scan start surveys --operation count --rate 100 --filter "#q > :q" --names '{"#q":"q1"}' --values '{":q":3}'

Exit code: 0 started, 1 refused or failed, 2 wrong usage or no such stack; with --watch those of \`jobs watch\`.`;

export function addScanCommands(program: Command, attach: Attach): void {
  const scan = program.command("scan").description("Work over a whole table, read by Scan.");
  const start = scan
    .command("start")
    .description("Start a job over a table.")
    .argument("<table>", "the table's name")
    .requiredOption("--operation <name>", "count, export, or one of the stack's own")
    .requiredOption(
      "--rate <rcu>",
      "read capacity units per second for all workers together, or a share of the table's: 50%",
    )
    .option("--segments <n>", "number of segments, or auto; default: auto")
    .option("--index <name>", "read this index instead of the table")
    .option("--consistent", "read strongly consistently, at twice the cost")
    .option("--filter <expression>", "a filter expression; it saves no capacity")
    .option("--projection <expression>", "a projection expression")
    .option("--names <json>", 'names in the expressions: \'{"#q":"q1"}\'')
    .option("--values <json>", "values in the expressions, as plain JSON: '{\":q\":3}'")
    .option("--export-prefix <prefix>", "what the keys of exported objects begin with")
    .addOption(new Option("--format <name>", "of exported objects").choices(["dynamodb-json", "json"]))
    .option("--params <json>", "for an operation of the stack's own")
    .option("--job-id <id>", "the job's id; starting the same id twice starts one job; default: made up")
    .option("--watch", "go on as `jobs watch`")
    .addHelpText("after", EXAMPLES);
  attach<StartFlags & { watch?: boolean }>(start, (session, [table], flags) => startScan(session, table!, flags));
}

async function startScan(session: Session, table: string, flags: StartFlags & { watch?: boolean }): Promise<number> {
  const { io } = session;
  const request = startRequest(table, flags, newJobId(flags.operation, io.clock.now(), io.random));
  const { lambda, startFunction } = await session.operator();
  const answer = await invokeStart(lambda, startFunction, request);
  if (isRefusal(answer)) {
    if (session.json) session.print(toJson(answer, 2), "");
    else complain(io, renderRefusal("Not started", answer), 1);
    return 1;
  }
  const next = flags.watch ? "" : `\nTo watch it: ${session.hint(`jobs watch ${answer.job}`)}`;
  session.print(toJson(answer, flags.watch ? undefined : 2), renderAnswer(answer) + next);
  return flags.watch ? watchJob(session, answer.job) : 0;
}
