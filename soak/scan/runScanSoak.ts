import type { ChildCloud } from "../../local/childCloud";
import { compareExport, readTable } from "../../local/compareExport";
import { createTable, fillTable } from "../../local/fillTable";
import type { ConsumptionReport } from "../../local/gateway/throttling/record";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { ExportResult } from "../../shared/operations/export/writeManifests";
import { FaultTally } from "../faultTally";
import { type Shares, sharesOf, slotsOf } from "../shares";
import { type ChaosRun, runUnderChaos } from "./chaos";
import { calm, countedBy, type Strikes, workerOf } from "./faultRules";
import { drained, follow, type Patience } from "./follow";
import { itemOf } from "./items";
import { explainedRcu, judge } from "./judge";
import type { ScanProgress } from "./progress";
import type { JobFigures, ScanSoakReport } from "./report";
import { Scanner } from "./scanner";
import type { ScanSoakSettings } from "./settings";
import { workerLog } from "./workerLog";

/** The table of a scan soak; the scanner must have been given it. */
export const SOAK_TABLE = "soaked";
/** Config of the stack: a killed worker's unit is taken up again after fifteen seconds. */
export const SCAN_SOAK_CONFIG = { scannerTables: SOAK_TABLE, scannerTimeoutSeconds: "10", shuffleTimeoutSeconds: "10" };
/** The spark driver also needs this: two executors with two tasks each. A killed task's unit is taken up after as long. */
export const SPARK_SOAK_CONFIG = { glueWorkers: "3", glueStretchSeconds: "10" };
/** Tables up to this many items are small. */
const SMALL = 20_000;
/** How long a paused job is looked at, in seconds. */
const QUIET_SECONDS = { small: 3, large: 10 };
/**
 * A page takes a worker up to two seconds: most kills come in mid-unit. One that comes before the worker has hidden its
 * message costs the queue's visibility timeout of a minute, and so does an answer to the poller that is lost. A small soak
 * does not wait for that.
 */
const STRIKES: Record<"small" | "large", Strikes> = {
  small: { killMs: [300, 8_000], lostOfSqs: ["SendMessageBatch", "ChangeMessageVisibility", "DeleteMessageBatch"] },
  large: { killMs: [0, 8_000], lostOfSqs: undefined },
};

/**
 * Fills a table, counts it undisturbed, exports it while faults of all kinds strike, and compares export, counts and
 * consumption with the table and with the effects of the faults.
 * @param signal ends it; its reason is thrown.
 */
export async function runScanSoak(
  cloud: ChildCloud,
  settings: ScanSoakSettings,
  progress: ScanProgress,
  signal: AbortSignal,
): Promise<ScanSoakReport> {
  const { driver, items, segments, kills, seed, rcu } = settings;
  const started = performance.now();
  const since = () => (performance.now() - started) / 1_000;
  const patience = { deadline: started + settings.timeLimitMinutes * 60_000, signal };
  const scanner = new Scanner(cloud, driver);
  const tally = new FaultTally(cloud, seed);
  const common = { driver, table: SOAK_TABLE, readRate: rcu, segments };

  progress.phase("filling the table");
  await createTable(scanner.dynamodb, SOAK_TABLE);
  const fill = fillTable(
    scanner.dynamodb,
    SOAK_TABLE,
    items,
    (n) => itemOf(n, seed),
    (n) => progress.filled(n),
  );
  await fill;
  await cloud.administer("PUT", "capacity", { table: SOAK_TABLE, mode: "record" });
  await tally.next(calm({ driver, table: SOAK_TABLE, jobsTable: scanner.jobsTable }));
  const filling = since();

  progress.phase("counting it, undisturbed");
  const undisturbed = await runUndisturbed(
    scanner,
    { ...common, operation: "count", jobId: "undisturbed" },
    patience,
    progress,
  );
  const calmUntil = since();
  const calmLog = workerLog(await cloud.logs(workerOf(driver)));
  const before = countedBy(await tally.soFar());

  progress.phase("exporting it under faults");
  const chaosFrom = Date.now();
  const request: StartRequest & { jobId: string } = { ...common, operation: "export", jobId: "chaos" };
  const size = items <= SMALL ? "small" : "large";
  const run = await runUnderChaos({
    cloud,
    scanner,
    tally,
    progress,
    request,
    kills,
    strikes: STRIKES[size],
    items,
    quietSeconds: QUIET_SECONDS[size],
    patience,
  });
  const record = await scanner.consumption(SOAK_TABLE, chaosFrom);
  const chaos = await figuresOf(scanner, "chaos", record);
  const chaosSeconds = since() - calmUntil;

  progress.phase("comparing");
  const total = countedBy(await tally.soFar());
  const [scans, lostScans] = [total.scans - before.scans, total.lostScans - before.lostScans];
  const rereadPages = scans - chaos.pages;
  const work = workerLog(await cloud.logs(workerOf(driver)));
  work.timedOut -= calmLog.timedOut;
  work.killed += total.executors;
  const table = await readTable(scanner.dynamodb, SOAK_TABLE);
  const manifest = chaos.state === "completed" ? (chaos.result as ExportResult) : undefined;
  const refusals = await cloud.refusals();
  const found = {
    settings,
    seconds: { filling, undisturbed: calmUntil - filling, chaos: chaosSeconds, total: since() },
    table: { items: table.items, bytes: table.bytes },
    undisturbed,
    chaos,
    runs: total.runs - before.runs,
    work,
    scans,
    lostScans,
    rereadPages,
    rcuShare: chaos.rcu / explainedRcu(undisturbed.rcu, rereadPages, rcu),
    pause: run.pause,
    capacity: capacityOf(record, { from: chaosFrom, rcu, run }),
    export: manifest && (await compareExport(scanner.s3, manifest, table)),
    left: run.left,
    dead: await scanner.dead(),
    faults: tally.rules,
  };
  const differences = [
    ...refusals.map(({ role, refused }) => `refused by the policies of ${role}: ${JSON.stringify(refused)}`),
    ...judge(found),
  ];
  return { ok: differences.length === 0, ...found, differences };
}

async function runUndisturbed(
  scanner: Scanner,
  request: StartRequest & { jobId: string },
  patience: Patience,
  progress: ScanProgress,
): Promise<JobFigures> {
  const from = Date.now();
  await scanner.start(request);
  await follow(scanner, request.jobId, patience, (standing) => {
    progress.standing(standing);
    return false;
  });
  await drained(scanner, patience);
  return figuresOf(scanner, request.jobId, await scanner.consumption(request.table, from));
}

async function figuresOf(scanner: Scanner, id: string, record: ConsumptionReport): Promise<JobFigures> {
  const [job, units, events] = await Promise.all([scanner.job(id), scanner.units(id), scanner.events(id)]);
  const sum = (of: (unit: (typeof units)[number]) => number) => units.reduce((total, unit) => total + of(unit), 0);
  return {
    id,
    state: job.state,
    seconds: ((job.endedAt ?? Date.now()) - job.createdAt) / 1_000,
    units: units.length,
    unitsDone: units.filter(({ state }) => state === "done").length,
    unitsCounted: job.unitsDone,
    pages: sum(({ counts }) => counts.pages),
    items: sum(({ counts }) => counts.scannedItems),
    checkpointedRcu: sum(({ counts }) => counts.rcu),
    rcu: record.consumption.reduce((total, slot) => total + slot.rcu, 0),
    events: events.filter((event) => event["detail-type"] === "Job completed").length,
    result: job.result,
  };
}

function capacityOf(
  { consumption, slotMs }: ConsumptionReport,
  { from, rcu, run }: { from: number; rcu: number; run: ChaosRun },
): Shares {
  const changed = { from: run.rateChangedAt, perSecond: run.faster * rcu };
  return sharesOf(slotsOf(consumption, "rcu"), slotMs, [], [{ from, perSecond: rcu }, changed]);
}
