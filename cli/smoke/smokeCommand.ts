/** `npm run smoke -- --stack NAME`, which is `sluice smoke`. */
import { type Command, InvalidArgumentError } from "commander";
import { listPrices } from "../../shared/cost/prices";
import { SluiceError } from "../../shared/errors";
import { checkUsage } from "../command";
import { waiting } from "../progress";
import type { Attach, Session } from "../session";
import { dollars, duration } from "../text/format";
import { toJson } from "../text/json";
import { wholeNumber } from "../wholeNumber";
import { cleanUp } from "./cleanUp";
import { smoke } from "./smoke";

const RUN = /^smoke-[0-9a-f]{8}$/;
/** Two minutes in all: the rest is for the clean-up. */
const MOST_SECONDS = 75;

const HELP = `
The test sends the ten sample surveys under ids of its own, waits for them, and
compares what is kept with the stack's rules. It checks that SQS refuses a message
without a signature. It counts and exports the items that it made in the results
table. It ends within two minutes and deletes everything that it made, even after
a failure or Ctrl-C.

It costs less than a cent. If the results table holds more than about 80 MB, reading
it costs more: name a small table of the stack with --table. Three of the samples
count in the metrics of quarantine, and the two jobs send the stack's usual e-mails.`;

interface SmokeFlags {
  timeout?: number;
  table?: string;
  clean?: string;
}

export function addSmokeCommand(program: Command, attach: Attach): void {
  const command = program
    .command("smoke")
    .description("Test a deployed stack, or the local cloud, end to end, and leave nothing behind.")
    .option(
      "--timeout <seconds>",
      `give up after this many seconds, ${MOST_SECONDS} at most, then clean up; default: ${MOST_SECONDS}`,
      wholeNumber(MOST_SECONDS),
    )
    .option("--table <name>", "count and export this table instead of the results table, if that one is large")
    .option("--clean <id>", "only delete what an earlier run left, once the queue holds none of its messages", runId)
    .addHelpText("after", HELP);
  attach<SmokeFlags>(command, (session, _, flags) =>
    flags.clean === undefined ? smokeCommand(session, flags) : cleanCommand(session, flags.clean, flags),
  );
}

function runId(text: string): string {
  if (RUN.test(text)) return text;
  throw new InvalidArgumentError("must be the id of a run, such as smoke-1a2b3c4d");
}

/** @returns 0. @throws SluiceError USAGE, and those of `smoke` */
async function smokeCommand(session: Session, { timeout: seconds = MOST_SECONDS, table }: SmokeFlags): Promise<number> {
  session.checkOptions();
  const { io } = session;
  const run = `smoke-${Math.floor(io.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0")}`;
  await session.intake();
  const begun = io.clock.now();
  const passed: string[] = [];
  const say = (line: string) => session.json || io.stdout.write(`${line}\n`);
  say(`Smoke test ${run}. It costs less than a cent.`);
  // A log has the checks that passed.
  const isWatched = session.width !== undefined && !session.json;
  const doing = isWatched ? waiting("Asking the stack …", io.stdout, io.clock) : undefined;
  const interrupt = session.interruptible(`to delete what the test made: ${session.hint(`smoke --clean ${run}`)}`);
  const cost = await smoke({
    ...{ session, run, table, prices: listPrices, interrupt },
    timeout: AbortSignal.timeout(1_000 * seconds),
    begun: (step) => doing?.next(`${step} …`),
    passed: (check) => {
      doing?.stop();
      passed.push(check);
      say(`ok  ${check}`);
    },
  }).finally(() => doing?.stop());
  const took = (io.clock.now() - begun) / 1_000;
  session.print(
    toJson({ run, passed, seconds: took, dollarsAtMost: cost }, 2),
    `The stack works. That took ${duration(took)} and cost at most ${dollars(cost)}.`,
  );
  return 0;
}

/** @returns 0. @throws RequestProblems USAGE; SluiceError SMOKE_FAILED */
async function cleanCommand(session: Session, run: string, { timeout, table }: SmokeFlags): Promise<number> {
  const others = [...(timeout === undefined ? [] : ["--timeout"]), ...(table === undefined ? [] : ["--table"])];
  await session.read(() => checkUsage(others.map((flag) => `${flag} is for a test: leave out ${flag} or --clean.`)));
  session.checkOptions();
  const left = await cleanUp(session, run, true);
  if (left.length > 0) throw new SluiceError("SMOKE_FAILED", `Something of ${run} is left: ${left.join("; ")}.`);
  session.print(toJson({ run, clean: true }, 2), `Nothing of ${run} is left.`);
  return 0;
}
