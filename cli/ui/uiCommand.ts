/** `ui`: wiring only. */
import type { Command } from "commander";
import { PRICES_FLAG, type PricesFlags, readPrices } from "../prices";
import type { Attach, Session } from "../session";
import { toJson } from "../text/json";
import { wholeNumber } from "../wholeNumber";
import { openDesk } from "./desk";
import { serveUi } from "./server";

const HELP = `
The page is served on 127.0.0.1 and uses your own credentials. Whoever has the
printed address can do what you can, so don't pass it on. It is valid until Ctrl-C.
docs/desk.md shows the views.`;

const LARGEST_PORT = 65_535;

export function addUiCommand(program: Command, attach: Attach): void {
  const ui = program.command("ui").description("Serve a page to watch and control jobs and the intake.");
  ui.option("--port <n>", "port to listen on; default: a free one", wholeNumber(LARGEST_PORT));
  ui.option(...PRICES_FLAG).addHelpText("after", HELP);
  attach<PricesFlags & { readonly port?: number }>(ui, (session, _args, flags) => serve(session, flags));
}

async function serve(
  session: Session,
  { port = 0, prices }: PricesFlags & { readonly port?: number },
): Promise<number> {
  const { io } = session;
  const desk = await openDesk(session, await session.read(() => readPrices(prices, io.root)));
  const server = await serveUi(desk, port);
  const stop = session.interruptible();
  session.print(toJson({ address: server.address }), `The page is at ${server.address}\nStop it with Ctrl-C.`);
  await new Promise<void>((stopped) => {
    if (stop.aborted) stopped();
    stop.addEventListener("abort", () => stopped(), { once: true });
  });
  await server.close();
  return 0;
}
