/** `estimate`: wiring only. It takes the options of `start`, and starts nothing. */
import type { Command } from "commander";
import { refused } from "../jobs/verbs";
import { PRICES_FLAG, type PricesFlags } from "../prices";
import type { StartFlags } from "../requestFlags";
import type { Attach, Session } from "../session";
import { toJson } from "../text/json";
import { askEstimate } from "./estimate";
import { givenStart } from "./given";
import { uploadList } from "./localList";
import { renderEstimate } from "./renderEstimate";
import { addStartOptions } from "./request";
import { preparedInput } from "./startJob";

const EXAMPLES = `
Examples:
  estimate count surveys --read-rate 50%
  estimate export surveys --read-rate 200 --prices frankfurt.json

The figures are based on the table's size, which DynamoDB updates about every six
hours.

Exit code: 0 estimated, else as for all commands.`;

export function addEstimateCommand(program: Command, attach: Attach): void {
  const estimate = program
    .command("estimate")
    .description("Print what a job would consume and cost, and how long it would take; start nothing.");
  addStartOptions(estimate)
    .option(...PRICES_FLAG)
    .addHelpText("after", EXAMPLES);
  attach<StartFlags & PricesFlags>(estimate, (session, [operation, table], flags) =>
    printEstimate(session, operation!, table!, flags),
  );
}

async function printEstimate(
  session: Session,
  operation: string,
  table: string,
  flags: StartFlags & PricesFlags,
): Promise<number> {
  const { io, stop: signal } = session;
  const { request, list, prices } = await givenStart(session, operation, table, flags);
  const operator = await session.operator();
  // The start function has to see the list. It is removed afterwards, because nothing is started.
  const input = await preparedInput(session, "Interrupted: there is no estimate.", async () =>
    list === undefined ? { request } : uploadList(operator, request, { path: list, root: io.root, signal }),
  );
  const estimate = await askEstimate(operator, input.request, prices).finally(() => input.withdraw?.());
  if ("problems" in estimate) throw refused("No estimate", estimate);
  session.print(toJson(estimate, 2), renderEstimate(estimate, session.width));
  return 0;
}
