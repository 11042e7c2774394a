import { paginateScan } from "@aws-sdk/client-dynamodb";
import type { ChildCloud } from "../../local/childCloud";
import { seededRandom } from "../../local/faults/random";
import { createTable, fillTable } from "../../local/fillTable";
import type { Item } from "../../shared/aws/itemSize";
import type { WritingResult } from "../../shared/operations/changeItems";
import { nothingWritten } from "../../shared/writing/written";
import { FaultTally } from "../faultTally";
import type { Patience } from "../scan/follow";
import type { ScanProgress } from "../scan/progress";
import { workerLog } from "../scan/workerLog";
import { type Allowance, type Shares, sharesOf, slotsOf } from "../shares";
import { accountForAll } from "./accounts";
import { Backfill } from "./backfill";
import { type ChaosRun, FASTER, runUnderChaos } from "./chaos";
import { exportTable } from "./exportTable";
import { compareLists, failuresOf, readFailures } from "./failures";
import { STRIKES, workerOf } from "./faultRules";
import { ForeignWriters } from "./foreignWriters";
import { idOf, itemOf } from "./items";
import { COPY, type JobName, jobNames, requestsOf, TABLE } from "./jobs";
import { judge } from "./judge";
import type { BackfillSoakReport, JobFigures } from "./report";
import type { BackfillSoakSettings } from "./settings";

/** Config of the stack: a killed worker's unit is taken up again after fifteen seconds. */
export const BACKFILL_SOAK_CONFIG = {
  backfillTables: `${TABLE},${COPY}`,
  backfillTimeoutSeconds: "10",
  scannerTimeoutSeconds: "10",
  shuffleTimeoutSeconds: "10",
};
/** Tables up to this many items are small. */
const SMALL = 20_000;
/** How long a paused job is looked at, in seconds. */
const QUIET_SECONDS = { small: 2, large: 10 };
/** Jobs that write to the table; the other one writes to its copy. */
const TABLE_JOBS = 3;
/** While the table throttles, it has this share of its jobs' write rates. */
const NARROW = 0.6;
/** Report at most this many items that the model can't explain. */
const SHOWN = 100;

/**
 * Fills a table, exports it, and runs four writing jobs, while others write too and faults of all kinds strike. Then it
 * accounts for each item, outcome and failure.
 * @param signal ends it; its reason is thrown.
 */
export async function runBackfillSoak(
  cloud: ChildCloud,
  settings: BackfillSoakSettings,
  progress: ScanProgress,
  signal: AbortSignal,
): Promise<BackfillSoakReport> {
  const { driver, items, segments, kills, seed, rate } = settings;
  const started = performance.now();
  const since = () => (performance.now() - started) / 1_000;
  const patience: Patience = { deadline: started + settings.timeLimitMinutes * 60_000, signal };
  const backfill = new Backfill(cloud, driver);
  const tally = new FaultTally(cloud, seed);

  progress.phase("filling the table");
  await makeTables(backfill);
  const make = (n: number) => itemOf(n, seed);
  await fillTable(backfill.dynamodb, TABLE, items, make, (n) => progress.filled(n));
  for (const table of [TABLE, COPY]) await cloud.administer("PUT", "capacity", { table, mode: "record" });
  progress.phase("exporting it");
  const exported = await exportTable(backfill, TABLE, patience);
  const filling = since();

  progress.phase("changing it under faults");
  const chaosFrom = Date.now();
  const random = seededRandom(seed + 1);
  const foreign = new ForeignWriters({ client: backfill.foreign, items, random, perSecond: settings.foreign });
  const size = items <= SMALL ? "small" : "large";
  const requests = requestsOf({ driver, segments, rate, exportedTo: exported.place, maxFailures: items });
  foreign.start();
  const run = await runUnderChaos({
    ...{ cloud, backfill, tally, progress, requests, kills, patience },
    items: jobNames.length * items,
    narrow: Math.ceil(NARROW * TABLE_JOBS * rate),
    strikes: STRIKES[size],
    quietSeconds: QUIET_SECONDS[size],
  }).finally(() => foreign.stop());
  const chaosSeconds = since() - filling;

  progress.phase("comparing");
  const first = new Map(Array.from({ length: items }, (_, n) => [idOf(n), make(n)]));
  const [last, lastCopy] = await Promise.all([TABLE, COPY].map((table) => itemsIn(backfill, table)));
  const writes = { writes: foreign.table, copyWrites: foreign.copy };
  const accounts = accountForAll({ first, last: last!, lastCopy: lastCopy!, ...writes });
  const figures = jobNames.map(async (name) => {
    return [name, await figuresOf(backfill, name, items, accounts.changes[name])] as const;
  });
  const found = {
    settings,
    seconds: { filling, chaos: chaosSeconds, total: since() },
    exported: exported.items,
    last: last!.size,
    lastCopy: lastCopy!.size,
    jobs: Object.fromEntries(await Promise.all(figures)) as BackfillSoakReport["jobs"],
    foreign: { table: count(foreign.table), copy: count(foreign.copy), made: foreign.made.length },
    work: workerLog(await cloud.logs(workerOf(driver))),
    pause: run.pause,
    capacity: await capacityOf(backfill, foreign, { from: chaosFrom, rate, run }),
    left: run.left,
    dead: await backfill.dead(),
    faults: tally.rules,
    unexplained: accounts.problems.slice(0, SHOWN),
  };
  const refusals = await cloud.refusals();
  const differences = [
    ...refusals.map(({ role, refused }) => `refused by the policies of ${role}: ${JSON.stringify(refused)}`),
    ...judge(found),
  ];
  return { ok: differences.length === 0, ...found, differences };
}

async function makeTables({ dynamodb }: Backfill): Promise<void> {
  const key = (...names: string[]) =>
    names.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? "HASH" : "RANGE" }) as const);
  const index = (IndexName: string, ...names: string[]) => {
    return { IndexName, KeySchema: key(...names), Projection: { ProjectionType: "KEYS_ONLY" } } as const;
  };
  const AttributeDefinitions = ["id", "Region", "GSISK", "GSI2PK"].map(
    (AttributeName) => ({ AttributeName, AttributeType: "S" }) as const,
  );
  const GlobalSecondaryIndexes = [index("byRegion", "Region", "GSISK"), index("byOwner", "GSI2PK")];
  await createTable(dynamodb, TABLE, { AttributeDefinitions, GlobalSecondaryIndexes });
  await createTable(dynamodb, COPY);
}

async function itemsIn({ dynamodb: client }: Backfill, table: string): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
    for (const item of Items) found.set(item.id!.S!, item);
  }
  return found;
}

function count(records: ReadonlyMap<string, readonly unknown[]>): number {
  return [...records.values()].reduce((sum, { length }) => sum + length, 0);
}

async function figuresOf(backfill: Backfill, name: JobName, items: number, changes: number): Promise<JobFigures> {
  const [job, units] = await Promise.all([backfill.job(name), backfill.units(name)]);
  const result = (job.result ?? { ...nothingWritten, dryRun: false }) as WritingResult;
  const must = failuresOf(name, items);
  const { listed, total, strays } = await readFailures(backfill.s3, result);
  return {
    state: job.state,
    reason: job.reason,
    seconds: ((job.endedAt ?? Date.now()) - job.createdAt) / 1_000,
    units: job.units,
    unitsDone: units.filter(({ state }) => state === "done").length,
    items: units.reduce((sum, { counts }) => sum + counts.items, 0),
    outcomes: result.outcomes,
    failures: result.failures,
    mustFail: must.length,
    list: compareLists(listed, must),
    listed: total,
    strays,
    counted: job.failures ?? 0,
    changes,
  };
}

async function capacityOf(
  backfill: Backfill,
  { spent }: ForeignWriters,
  { from, rate, run }: { from: number; rate: number; run: ChaosRun },
): Promise<BackfillSoakReport["capacity"]> {
  const sharesIn = async (table: string, allowances: Allowance[]): Promise<Shares> => {
    const { consumption, slotMs } = await backfill.consumption(table, from);
    const foreign = spent.filter((each) => each.table === table);
    return sharesOf(slotsOf(consumption, "wcu"), slotMs, foreign, allowances);
  };
  const changed = { from: run.rateChangedAt, perSecond: (TABLE_JOBS - 1 + FASTER.factor) * rate };
  const table = await sharesIn(TABLE, [{ from, perSecond: TABLE_JOBS * rate }, changed]);
  return { table, copy: await sharesIn(COPY, [{ from, perSecond: rate }]) };
}
