/** Limiters that people use for backfills, written from their description. Each worker updates items one after the other. */
import type { World } from "../../test/support/simulation/simulation";
import type { MachineClock } from "../../test/support/virtualTime";
import type { SimulatedTable } from "./simulatedTable";

/** Capacity units for a response; undefined: the condition failed, and the error has no consumption. */
type Total = number | undefined;

async function update(table: SimulatedTable, clock: MachineClock): Promise<Total> {
  const consumed = await table.updateOne(clock);
  if (consumed === undefined) return undefined;
  return Object.values(consumed.indexes ?? {}).reduce((sum, units) => sum + units, consumed.table);
}

/** A balance that grows by `rate` a second up to `capacity`, and may be overdrawn. */
class Bucket {
  private last: number;

  constructor(
    private readonly clock: MachineClock,
    public rate: number,
    public capacity: number,
    public tokens: number,
  ) {
    this.last = clock.now();
  }

  /** Waits until the balance is this high. */
  async wait(least: number): Promise<void> {
    for (this.refill(); this.tokens < least; this.refill()) {
      await this.clock.sleep((1000 * (least - this.tokens)) / this.rate);
    }
  }

  refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.last) / 1000) * this.rate);
    this.last = now;
  }
}

/** Each of the workers has its fixed share of the rate, a bucket of one second, and takes one token for a request, whatever it costs. */
export function tokenBucketWorker(world: World, table: SimulatedTable, untilMs: number, share: number): Promise<void> {
  const clock = world.machine();
  const bucket = new Bucket(clock, share, share, share);
  return whileTime(world, untilMs, async () => {
    await bucket.wait(1);
    bucket.tokens -= 1;
    await update(table, clock);
  });
}

/** The workers' reports, and their sum, which workers read. */
export class Reports {
  readonly rates = new Map<number, number>();
  sum: number | undefined;
}

const REPORT_MS = 5_000;
/** Weight of the new rate. */
const SMOOTHING = 0.4;
/** A worker's consumption is averaged over at most this long, milliseconds. */
const RESET_MS = 10_000;

/**
 * bulk_executor's rule: each worker starts at a tenth of the target, with a bucket of two seconds that is half full. A request
 * may start as soon as the bucket isn't empty, and takes the total that the response reports. Every 5 s the worker reports its
 * consumption, and changes its rate by the ratio of the target to the sum of all reports, but never below one per second.
 * https://github.com/awslabs/amazon-dynamodb-tools/tree/main/bulk_executor (server/src/python_modules/shared/rate_limiter)
 */
export async function reportingWorker(
  world: World,
  table: SimulatedTable,
  untilMs: number,
  worker: { readonly number: number; readonly target: number; readonly reports: Reports },
): Promise<void> {
  const { number, target, reports } = worker;
  const clock = world.machine();
  const first = Math.max(1, target / 10);
  const bucket = new Bucket(clock, first, 2 * first, first);
  const since = { consumed: 0, at: world.time.now };
  void whileTime(world, untilMs, async () => {
    await clock.sleep(REPORT_MS * (0.9 + 0.2 * world.random()));
    reports.rates.set(number, (1000 * since.consumed) / (world.time.now - since.at));
    if (reports.sum !== undefined && reports.sum > 0) scale(bucket, target / reports.sum);
    if (world.time.now - since.at >= RESET_MS) Object.assign(since, { consumed: 0, at: world.time.now });
  });
  await whileTime(world, untilMs, async () => {
    await bucket.wait(1e-9);
    const total = await update(table, clock);
    bucket.refill();
    bucket.tokens -= total ?? 0;
    since.consumed += total ?? 0;
  });
}

/** Adds the reports up, every 5 s as well. */
export function aggregator(world: World, untilMs: number, reports: Reports): Promise<void> {
  const clock = world.machine();
  return whileTime(world, untilMs, async () => {
    await clock.sleep(REPORT_MS * (0.9 + 0.2 * world.random()));
    reports.sum = [...reports.rates.values()].reduce((sum, rate) => sum + rate, 0);
  });
}

function scale(bucket: Bucket, ratio: number): void {
  bucket.refill();
  const rate = Math.max(1, (1 - SMOOTHING) * bucket.rate + SMOOTHING * ratio * bucket.rate);
  bucket.tokens *= rate / bucket.rate;
  bucket.capacity = 2 * rate;
  bucket.tokens = Math.max(-bucket.capacity, bucket.tokens);
  bucket.rate = rate;
}

async function whileTime(world: World, untilMs: number, work: () => Promise<void>): Promise<void> {
  while (world.time.now < untilMs) await work();
}
