/**
 * `npm start`: runs the real program on the local cloud, sends the sample surveys through it, runs jobs on a table, and shows
 * the results.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CliCommand } from "../cli/command";
import { type Waiting, waiting } from "../cli/progress";
import { columnsOf } from "../cli/terminal";
import { wrapLine } from "../cli/text/wrap";
import { createSender, type SenderOutput } from "../sender/index";
import { systemClock } from "../shared/clock";
import { backfillProblems, demonstrateBackfill, renderBackfill } from "./backfillDemonstration";
import { type LocalCloud, startLocalCloud } from "./cloud";
import { type Demonstration, differences, render } from "./demonstration";
import { IngestReader } from "./ingestState";
import { runMain, STARTING, STOPPING, untilStopped } from "./lifetime";
import { LogFiles } from "./logFiles";
import { writePermissions } from "./permissionFile";
import { DEMO_TABLE, demonstrateScan, renderScan, scanProblems } from "./scanDemonstration";

const FIXTURES = resolve(__dirname, "../test/fixtures");
/** Ten surveys take a second, or a while longer on a busy machine. */
const DRAIN_TIMEOUT_MS = 60_000;

runMain("start", async () => {
  const program = new CliCommand("npm start --")
    .description(
      "Run the whole system on this machine: send ten sample surveys through it, count, export and backfill a table of 20,000 items, and show what happened.",
    )
    .option("--json", "print one JSON document instead of tables")
    .parse()
    .check();
  const { json } = program.opts<{ json?: true }>();
  const output = json ? process.stderr : process.stdout;
  const doing = waiting(STARTING, output, systemClock);
  const say = (text: string) => {
    doing.stop();
    const lines = text.split("\n").map((line) => wrapLine(line, columnsOf(output)));
    output.write(`${lines.join("\n")}\n`);
  };
  const logs = new LogFiles(resolve(".sluice/logs"));
  const interrupt = new AbortController();
  const interrupted = untilStopped(", and the local cloud with it").catch((error) => {
    doing.next(STOPPING);
    interrupt.abort(error);
    throw error;
  });
  // While the local cloud starts, nothing awaits this promise yet.
  interrupted.catch(() => undefined);
  const config = { scannerTables: DEMO_TABLE, backfillTables: DEMO_TABLE };
  const onLog = (group: string, text: string) => logs.write(group, text);
  const cloud = await startLocalCloud({ config, onLog, signal: interrupt.signal }).catch((error) => {
    doing.stop();
    // A terminal sends Ctrl-C to Java too.
    throw interrupt.signal.aborted ? interrupt.signal.reason : error;
  });
  const problems: string[] = [];
  // Whatever happens from here on, nothing is left running.
  try {
    interrupt.signal.throwIfAborted();
    say(`Ready after ${(cloud.startMs.total / 1_000).toFixed(1)} s at ${cloud.endpoint}.`);
    const demonstration = await Promise.race([demonstrate(cloud, doing), interrupted]);
    problems.push(...differences(demonstration, JSON.parse(await readFile(join(FIXTURES, "expected.json"), "utf8"))));
    if (!json) say(render(demonstration, cloud.outputs, columnsOf(output)));
    const io = { output, say, doing, signal: interrupt.signal };
    const scan = await Promise.race([demonstrateScan(cloud, io), interrupted]);
    if (!json) say(renderScan(scan));
    const backfill = await Promise.race([demonstrateBackfill(cloud, scan.export, io), interrupted]);
    if (!json) say(renderBackfill(backfill));
    else process.stdout.write(`${JSON.stringify({ ...demonstration, scan, backfill }, null, 2)}\n`);
    problems.push(...scanProblems(scan), ...backfillProblems(backfill));
    doing.next(STOPPING);
  } finally {
    await cloud.stop();
    doing.stop();
    await writePermissions(resolve(".sluice/permissions.json"), cloud.permissions());
  }
  for (const problem of problems) process.stderr.write(`Not as expected: ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else {
    say(
      "\nAll as expected: nothing lost, nothing counted twice, bad input kept with the reason; export = table; " +
        "the backfill changed what it should, and nothing else.",
    );
    say("\nTo watch and control all this in a browser: npm run local -- --ui");
  }
});

async function demonstrate(cloud: LocalCloud, doing: Waiting): Promise<Demonstration> {
  const { endpoint, credentials } = cloud;
  // Surveys that break the rules are sent too, to show where they end.
  const sender = createSender(cloud.outputs.sender as SenderOutput, { endpoint, credentials, rules: false });
  const folder = join(FIXTURES, "surveys");
  const statusCodes: number[] = [];
  doing.next("Sending the sample surveys …");
  for (const file of (await readdir(folder)).sort()) {
    const { statusCode, error } = await sender.sendSurvey(join(folder, file));
    if (error) process.stderr.write(`${file}: ${error.message}\n`);
    statusCodes.push(statusCode);
  }
  doing.next("Waiting until they are stored or quarantined …");
  const reader = new IngestReader(cloud);
  await reader.drained(DRAIN_TIMEOUT_MS);
  return { sent: statusCodes.length, statusCodes, ...(await reader.state()) };
}
