/** `npm run local`: the local cloud, kept up until SIGINT or SIGTERM. Writes its address to .sluice/local.json. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CliCommand } from "../cli/command";
import { interrupted } from "../cli/errors";
import { waiting } from "../cli/progress";
import { Session } from "../cli/session";
import { LOCAL_STACK, localFile } from "../cli/stackOutputs";
import { openDesk } from "../cli/ui/desk";
import { serveUi } from "../cli/ui/server";
import { systemClock } from "../shared/clock";
import { listPrices } from "../shared/cost/prices";
import { SluiceError } from "../shared/errors";
import { type LocalCloud, startLocalCloud } from "./cloud";
import { collect, keyAndValue } from "./configOption";
import { renderReport } from "./gateway/permissions/usage/renderReport";
import type { CapacitySettingsInput } from "./gateway/throttling/settings";
import { runMain, STARTING, STOPPING, signalWithError, stopSignal } from "./lifetime";
import { LogFiles } from "./logFiles";
import { writePermissions } from "./permissionFile";
import { StateFile } from "./stateFile";

interface Options {
  port: number;
  project?: string;
  stack: string;
  config?: string[];
  state: string;
  faults?: string;
  capacity?: string;
  permissions?: true;
  ui?: true;
}

runMain("local", async () => {
  const program = new CliCommand("npm run local --")
    .description("Run the whole system on this machine until Ctrl-C.")
    .option("--port <port>", "port of the endpoint; 0: a free one", port, 0)
    .option("--project <folder>", "your own Pulumi project instead of Sluice's")
    .option("--stack <name>", "the stack whose config is used", "dev")
    .option("--config <key=value>", "override one config value; may be repeated", collect)
    .option("--faults <file>", "fault rules to start with, as JSON")
    .option("--capacity <file>", "tables whose capacity is modelled from the start, as a JSON list")
    .option("--permissions", "at the end, show the permissions that each role was granted, used and refused")
    .option("--ui", "serve the operator's page too, as `npm run sluice -- ui` does")
    .option("--state <file>", "file for endpoint, credentials and outputs", ".sluice/local.json")
    .parse()
    .check();
  const options = program.opts<Options>();
  const stateFile = resolve(options.state);
  const root = process.cwd();
  if (options.ui && stateFile !== localFile(root)) {
    const message = `--ui needs the state in ${localFile(root)}: leave out --state.`;
    throw new SluiceError("BAD_OPTION", message, { value: options.state });
  }
  const state = new StateFile(stateFile);
  await state.refuseIfTaken();
  const logFolder = resolve(dirname(stateFile), "logs");
  const logs = new LogFiles(logFolder);
  const stop = stopSignal();
  const interrupt = new AbortController();
  stop.then(() => interrupt.abort());
  const given = {
    signal: interrupt.signal,
    port: options.port,
    ...(options.project === undefined ? {} : { project: resolve(options.project) }),
    stack: options.stack,
    config: Object.fromEntries((options.config ?? []).map(keyAndValue)),
    ...(options.faults === undefined ? {} : { faults: await readJson("--faults", options.faults) }),
    ...(options.capacity === undefined ? {} : { capacity: await readList("--capacity", options.capacity) }),
    onLog: (group: string, text: string) => logs.write(group, text),
  };
  const doing = waiting(STARTING, process.stdout, systemClock);
  const cloud = await startLocalCloud(given)
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
    await state.remove();
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

async function readJson(option: string, file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new SluiceError("BAD_OPTION", `${option} must name a file that can be read, got ${file}.`, { value: file });
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new SluiceError("BAD_OPTION", `${option} must name a file with JSON in it, ${file} has none.`, {
      value: file,
    });
  }
}

async function readList(option: string, file: string): Promise<CapacitySettingsInput[]> {
  const list = await readJson(option, file);
  if (Array.isArray(list)) return list;
  throw new SluiceError("BAD_OPTION", `${option} must name a file with a JSON list in it, ${file} has none.`, {
    value: file,
  });
}

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new SluiceError("BAD_OPTION", `--port must be a whole number from 0 to 65535, got ${text}.`, { value: text });
}
