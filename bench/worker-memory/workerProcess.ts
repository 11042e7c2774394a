/**
 * The scan worker's page loop, bundled like the worker and with everything that the worker has in memory: its clients, its
 * limiter, its checkpoints. Started by runWorker.ts, which holds it to a share of a CPU.
 */
// The whole handler, because its modules take memory in a worker too.
import "../../services/scanner/handlers/work";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { clientSettings, withoutLog } from "../../shared/aws/clients";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import { systemClock } from "../../shared/clock";
import { workPages } from "../../shared/engine/pageLoop";
import type { Job } from "../../shared/jobs/job";
import { DynamoDbUnits } from "../../shared/jobs/storage/dynamoDbUnits";
import type { Checkpoint } from "../../shared/jobs/stores";
import type { Unit } from "../../shared/jobs/unit";
import type { Tools } from "../../shared/operations/operation";
import { readingOperations } from "../../shared/operations/reading";
import { readScansFast } from "../../shared/sources/table/scanResponses";
import { TableScan } from "../../shared/sources/table/tableScan";
import { MemoryLedger } from "../../test/support/memoryLedger";

/** The worker's task. */
export interface WorkerTask {
  readonly operation: "count" | "export";
  /** RCU/s by which the pages' size is chosen; undefined: pages of 1 MB. */
  readonly rate?: number;
  /** How long it works before it is measured, and while it is: milliseconds. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** It goes on until it has read this many RCU: an export needs most memory when it completes an object. Default 0. */
  readonly leastRcu?: number;
}

/** Its work while it was measured. */
export interface Worked {
  readonly ms: number;
  readonly items: number;
  readonly rcu: number;
  readonly pages: number;
}

/** More than any worker reads. */
const NO_LIMIT = 1_000_000;
/** Checkpoints of operations that only compute come about once a second. */
const SAVE_EVERY_MS = 1_000;

/** How long it works at a time once it was measured. */
const STRETCH_MS = 5_000;

const table = "bulk";
const retry = <T>(call: () => Promise<T>) => call();

process.once("disconnect", () => process.exit());
process.once("message", async ({ operation: name, rate, leastRcu = 0, ...times }: WorkerTask) => {
  const job = {
    id: "bench",
    work: { operation: name, table },
    operation: { name, params: {} },
    units: 1,
  } as unknown as Job;
  const operation = readingOperations.named(name)!;
  const plain = withoutLog(new DynamoDBClient(clientSettings));
  const units = new DynamoDbUnits({ client: plain, table: "jobs", retry });
  const lease = { job: "bench", unit: 0, owner: "bench", turn: 0 };
  let unit = { number: 0, counts: { pages: 0, scannedItems: 0, items: 0, rcu: 0 } } as unknown as Unit;
  let last: Checkpoint | undefined;
  let savedAt = 0;
  const save = async (checkpoint: Checkpoint) => {
    last = checkpoint;
    if (Date.now() < savedAt + SAVE_EVERY_MS) return;
    savedAt = Date.now();
    await units.save(lease, checkpoint, savedAt).catch(() => undefined);
  };
  const limited = readScansFast(withoutLog(new DynamoDBClient(clientSettings)));
  const ledger = new Ledger(new MemoryLedger());
  const limiter = new CapacityLimiter({ ledger, clock: systemClock, limits: { table: NO_LIMIT } });
  limited.middlewareStack.use(capacityPlugin(limiter, { table, direction: "read" }));
  limiter.open();
  const budget = {
    perSecond: (direction: string) => (direction === "read" ? rate : undefined),
    mostItems: () => undefined,
    observe: () => undefined,
  };
  const spec = { kind: "table", table, consistentRead: false } as const;
  const source = new TableScan(
    { spec, unit: 0, units: 1, averageBytes: 400 },
    { dynamodb: limited, s3: new S3Client({}), budget, retry },
  );
  const tools = {
    dynamodb: limited,
    s3: withoutLog(new S3Client({ ...clientSettings, forcePathStyle: true })),
    bucket: "results",
    prefix: "bench/",
    limits: () => undefined,
    requestMs: () => undefined,
    consumed: () => ({ table: 0 }),
    signal: new AbortController().signal,
    retry,
    entries: { put: async () => undefined, list: async function* () {} },
  } satisfies Tools;
  const work = async (ms: number): Promise<Worked> => {
    const [started, before] = [performance.now(), last?.counts ?? unit.counts];
    const stopAt = Date.now() + ms;
    const stretch = await workPages({ job, unit, source, budget, operation, tools, clock: systemClock, stopAt, save });
    // Progress that is durable outside, but not yet in the unit's record.
    last = (stretch as { unsaved?: Checkpoint }).unsaved ?? last;
    unit = { ...unit, ...last } as Unit;
    const { items, rcu, pages } = unit.counts;
    const done = { items: items - before.items, rcu: rcu - before.rcu, pages: pages - before.pages };
    return { ms: performance.now() - started, ...done };
  };
  await work(times.warmUpMs);
  process.send?.("measured from here");
  // It stays until it is killed, because its usage is read from outside.
  process.send?.(await work(times.measuredMs));
  while (unit.counts.rcu < leastRcu) await work(STRETCH_MS);
  process.send?.("read enough");
});
