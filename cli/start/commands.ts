/** `start`: wiring only. Its flags come from the start request's schema, plus a few of its own. */
import type { Command } from "commander";
import { PRICES_FLAG, type PricesFlags } from "../prices";
import type { StartFlags } from "../requestFlags";
import type { Attach, Session } from "../session";
import { YES_FLAG } from "./consent";
import { addExportFlags, type ExportFlags, exportInput } from "./exportFlags";
import { givenStart } from "./given";
import { uploadList } from "./localList";
import { addStartOptions } from "./request";
import { type StartJobOptions, startJob } from "./startJob";

const EXAMPLES = `
Examples:
  start count surveys --read-rate 50%
  start export surveys --read-rate 200 --export-prefix nightly/ --watch
  start count surveys --read-rate 100 \\
    --filter "#q > :q" --names '{"#q":"q1"}' --values '{":q":3}'
  start update orders --update update.json --write-rate 500 --dry-run
  start update orders --update update.json --write-rate 500 --yes --start-export
  start delete orders --source keys:old.csv --write-rate 200 --yes
  start copy orders --to orders-copy --read-rate 50% --write-rate 200 --yes

A job that changes a table starts only with --yes, or after you have typed the
table's name.
A list of keys on this machine is uploaded to the results bucket.
--start-export waits for AWS's export; Ctrl-C stops waiting (exit code 3).

Exit code: 0 started, else as for all commands; with --watch, as for
\`jobs watch\`.`;

type Flags = StartFlags & PricesFlags & ExportFlags & { readonly yes?: boolean; readonly watch?: boolean };

export function addStartCommand(program: Command, attach: Attach): void {
  const start = program.command("start").description("Start a job over a table, with an estimate of its cost.");
  addExportFlags(addStartOptions(start))
    .option(...YES_FLAG)
    .option(...PRICES_FLAG)
    .option("--watch", "then watch the job, as `jobs watch` does")
    .addHelpText("after", EXAMPLES);
  attach<Flags>(start, (session, [operation, table], flags) => startFromFlags(session, operation!, table!, flags));
}

async function startFromFlags(session: Session, operation: string, table: string, flags: Flags): Promise<number> {
  const { io } = session;
  const { request, list, prices, filter } = await givenStart(session, operation, table, flags);
  const { yes = false, watch = false } = flags;
  const options: StartJobOptions = { prices, yes, watch };
  return startJob(session, request, {
    ...options,
    ...(list === undefined
      ? {}
      : { input: (operator) => uploadList(operator, request, { path: list, root: io.root, signal: session.stop }) }),
    ...(flags.startExport === true
      ? { afterConsent: (operator) => exportInput(session, operator, request, filter) }
      : {}),
  });
}
