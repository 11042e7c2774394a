/** `npm run local`: the local cloud, kept up until SIGINT or SIGTERM. Writes its address to .sluice/local.json. */
import { dirname, resolve } from "node:path";
import { interrupted } from "../cli/errors";
import { waiting } from "../cli/progress";
import { Session } from "../cli/session";
import { LOCAL_STACK } from "../cli/stackOutputs";
import { openDesk } from "../cli/ui/desk";
import { serveUi } from "../cli/ui/server";
import { systemClock } from "../shared/clock";
import { listPrices } from "../shared/cost/prices";
import { type LocalCloud, startLocalCloud } from "./cloud";
import { renderReport } from "./gateway/permissions/usage/renderReport";
import { runMain, STARTING, STOPPING, signalWithError, stopSignal } from "./lifetime";
import { readLocalCommand } from "./localCommand";
import { LogFiles } from "./logFiles";
import { writePermissions } from "./permissionFile";
import { StateFile } from "./stateFile";
import { makeFolder } from "./writableFolder";

runMain("local", async () => {
  const root = process.cwd();
  const options = await readLocalCommand(process.argv.slice(2), root);
  const stateFile = options.state;
  const state = new StateFile(stateFile);
  await state.refuseIfTaken();
  makeFolder(dirname(stateFile));
  const logFolder = resolve(dirname(stateFile), "logs");
  const logs = new LogFiles(logFolder);
  const stop = stopSignal();
  const interrupt = new AbortController();
  stop.then(() => interrupt.abort());
  const onLog = (group: string, text: string) => logs.write(group, text);
  const doing = waiting(STARTING, process.stdout, systemClock);
  const cloud = await startLocalCloud({ ...options.cloud, signal: interrupt.signal, onLog })
    .catch(async (error) => {
      const signal = await signalWithError(stop);
      throw signal === undefined ? error : interrupted(`Stopped by ${signal} before the local cloud was up.`);
    })
    .finally(() => doing.stop());
  await state.write(cloud).catch(async (error: unknown) => {
    await cloud.stop();
    throw error;
  });
  try {
    const page = options.ui ? await servePageOf(root) : undefined;
    process.stdout.write(announcement(cloud, { stateFile, logFolder, page: page?.address }));
    await stop;
    doing.next(STOPPING);
    await page?.close();
  } finally {
    state.remove();
    await cloud.stop();
    doing.stop();
  }
  await writePermissions(resolve(dirname(stateFile), "permissions.json"), cloud.permissions());
  if (options.permissions) process.stdout.write(renderReport(cloud.permissions()));
});

/** Serves the page of the local cloud that is up. */
async function servePageOf(root: string): Promise<{ address: string; close(): Promise<void> }> {
  const { stdout, stderr } = process;
  const interruptible = () => new AbortController().signal;
  const session = new Session(
    { stdout, stderr, root, clock: systemClock, random: Math.random, interruptible },
    { stack: LOCAL_STACK },
  );
  const server = await serveUi(await openDesk(session, listPrices), 0);
  return {
    address: server.address,
    async close() {
      await server.close();
      session.close();
    },
  };
}

/** @param page the address of the page, where it is served */
function announcement(
  { endpoint, startMs }: LocalCloud,
  { stateFile, logFolder, page }: { stateFile: string; logFolder: string; page: string | undefined },
): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  return [
    `The local cloud listens at ${endpoint} (ready after ${seconds(startMs.total)} s, ${seconds(startMs.waitingForJava)} s of them Java's).`,
    `Endpoint, credentials and stack outputs: ${stateFile}`,
    `Logs of the functions: ${logFolder}`,
    "Try: npm run send -- test/fixtures/surveys",
    page === undefined ? "Watch it in a browser: npm run sluice -- ui" : `Watch it in a browser: ${page}`,
    "Stop it with Ctrl-C.\n",
  ].join("\n");
}
