/** `start`: wiring only. Its flags are those of the start request's schema. */
import type { Command } from "commander";
import { complain } from "../io";
import { renderAnswer, renderRefusal } from "../jobs/verbs";
import { watchJob } from "../jobs/watchJob";
import { PRICES_FLAG, type PricesFlags, readPrices } from "../prices";
import type { Attach, Session } from "../session";
import { invokeStart, isRefusal } from "../startFunction";
import { toJson } from "../text/json";
import { estimateBeforeStart } from "./estimate";
import { renderEstimateShort } from "./renderEstimate";
import { addStartOptions, newJobId, type StartFlags, startRequest } from "./request";

const EXAMPLES = `
Examples:
  start count surveys --read-rate 50%
  start export surveys --read-rate 200 --export-prefix nightly/ --watch
  start count surveys --read-rate 100 \\
    --filter "#q > :q" --names '{"#q":"q1"}' --values '{":q":3}'

Exit code: 0 started, 1 refused or failed, 2 wrong usage or no such stack;
with --watch those of \`jobs watch\`.`;

export function addStartCommand(program: Command, attach: Attach): void {
  const start = program.command("start").description("Start a job over a table, with an estimate of its cost.");
  addStartOptions(start)
    .option(...PRICES_FLAG)
    .option("--watch", "go on as `jobs watch`")
    .addHelpText("after", EXAMPLES);
  attach<StartFlags & PricesFlags>(start, (session, [operation, table], flags) =>
    startJob(session, operation!, table!, flags),
  );
}

async function startJob(
  session: Session,
  operation: string,
  table: string,
  flags: StartFlags & PricesFlags,
): Promise<number> {
  const { io } = session;
  const request = startRequest(operation, table, flags, newJobId(operation, io.clock.now(), io.random));
  const prices = await readPrices(flags.prices, io.root);
  const operator = await session.operator();
  const estimate = await estimateBeforeStart(operator, request, prices);
  if (estimate !== undefined && !session.json) io.stdout.write(`${renderEstimateShort(estimate)}\n`);
  const answer = await invokeStart(operator.lambda, operator.startFunction, request);
  if (isRefusal(answer)) {
    if (session.json) session.print(toJson(answer, 2), "");
    else complain(io, renderRefusal("Not started", answer), 1);
    return 1;
  }
  const watch = flags.watch === true;
  for (const warning of session.json ? [] : (answer.warnings ?? [])) complain(io, `Warning: ${warning}`, 0);
  const next = watch ? "" : `\nTo watch it: ${session.hint(`jobs watch ${answer.job}`)}`;
  const document = estimate === undefined ? answer : { ...answer, estimate };
  session.print(toJson(document, watch ? undefined : 2), renderAnswer(answer) + next);
  return watch ? watchJob(session, answer.job) : 0;
}
