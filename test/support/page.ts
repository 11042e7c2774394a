/** The page's server on a local cloud, as `npm run sluice -- ui` runs it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Session } from "../../cli/session";
import { openDesk } from "../../cli/ui/desk";
import { serveUi } from "../../cli/ui/server";
import { systemClock } from "../../shared/clock";
import { listPrices } from "../../shared/cost/prices";

export interface ServedPage {
  /** The page's address with the token. */
  readonly address: string;
  close(): Promise<void>;
}

/** @param state the content of `.sluice/local.json` */
export async function servePage(state: object): Promise<ServedPage> {
  const root = await mkdtemp(join(tmpdir(), "sluice-page-"));
  await mkdir(join(root, ".sluice"));
  await writeFile(join(root, ".sluice/local.json"), JSON.stringify(state));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const interruptible = () => new AbortController().signal;
  const io = { stdout, stderr, root, clock: systemClock, random: Math.random, interruptible };
  const session = new Session(io, {});
  const server = await serveUi(await openDesk(session, listPrices), 0);
  return {
    address: server.address,
    async close() {
      await server.close();
      session.close();
      await rm(root, { recursive: true });
    },
  };
}
