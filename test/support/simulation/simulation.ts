/**
 * The simulated world: a table that records what it consumes, a ledger behind a network, and machines whose clocks differ.
 * Limiter and ledger are the real ones; only time, network and table are simulated.
 */

import { ConsumptionTimeline } from "../../../local/gateway/consumptionTimeline";
import { Ledger } from "../../../shared/capacity/ledger/ledger";
import type { LedgerChange, LedgerItem, LedgerStore } from "../../../shared/capacity/ledger/ledgerItem";
import type { Consumption } from "../../../shared/capacity/metering/consumption";
import type { CapacityLimits } from "../../../shared/capacity/metering/limits";
import { MemoryLedger } from "../memoryLedger";
import { MachineClock, VirtualTime } from "../virtualTime";
import { latencyMs, type Random, seeded } from "./chance";

/** The most by which clocks are off in either direction, so two workers differ by up to 50 ms. */
const SKEW_MS = 25;

export class World {
  readonly time = new VirtualTime();
  readonly record: ConsumptionTimeline;
  /** Requests to the table as they arrive, one unit each. */
  readonly requests: ConsumptionTimeline;
  readonly random: Random;
  /** Updates of the ledger, granted and refused, as they arrive. */
  readonly ledgerTraffic: ConsumptionTimeline;
  /** Reads of the ledger, as they arrive. */
  readonly ledgerReads: ConsumptionTimeline;
  private readonly store = new MemoryLedger();

  constructor(
    readonly limits: CapacityLimits,
    durationMs: number,
    seed: number,
    private readonly itemCost: (random: Random) => Consumption,
    /** How long a request takes, milliseconds. Default: median 5 ms, 99 % under 16 ms, at most 200 ms. */
    private readonly requestMs: (random: Random) => number = (random) => latencyMs(random, 5, 0.5, 200),
  ) {
    this.record = new ConsumptionTimeline(durationMs, 10);
    this.requests = new ConsumptionTimeline(durationMs, 10);
    this.ledgerTraffic = new ConsumptionTimeline(durationMs, 100);
    this.ledgerReads = new ConsumptionTimeline(durationMs, 100);
    this.random = seeded(seed);
  }

  /** A machine whose clock is wrong. */
  machine(): MachineClock {
    return new MachineClock(this.time, (2 * this.random() - 1) * SKEW_MS);
  }

  /** The ledger as seen from a machine. */
  ledger(clock: MachineClock): Ledger {
    return new Ledger(new DistantStore(this.store, this, clock));
  }

  async createLedger(): Promise<void> {
    await new Ledger(this.store).create(this.limits, new MachineClock(this.time, 0).now());
  }

  /** One request to the table. It consumes when it arrives: in the middle of its latency, but after 10 ms at most. */
  async request(clock: MachineClock): Promise<Consumption> {
    const all = this.requestMs(this.random);
    const there = Math.min(10, all / 2);
    await clock.sleep(there);
    const consumption = this.itemCost(this.random);
    this.record.add(this.time.now, consumption);
    this.requests.add(this.time.now, { table: 1 });
    await clock.sleep(all - there);
    return consumption;
  }
}

/** The store with a network in front: median 6 ms, 99 % under 25 ms, at most 300 ms there and back. */
class DistantStore implements LedgerStore {
  constructor(
    private readonly store: LedgerStore,
    private readonly world: World,
    private readonly clock: MachineClock,
  ) {}

  create(item: LedgerItem): Promise<boolean> {
    return this.distant(() => this.store.create(item));
  }

  read(): Promise<LedgerItem | undefined> {
    return this.distant(() => {
      this.world.ledgerReads.add(this.world.time.now, { table: 1 });
      return this.store.read();
    });
  }

  update(change: LedgerChange): Promise<{ applied: boolean; item: LedgerItem | undefined }> {
    return this.distant(() => {
      this.world.ledgerTraffic.add(this.world.time.now, { table: 1 });
      return this.store.update(change);
    });
  }

  private async distant<T>(request: () => Promise<T>): Promise<T> {
    const half = latencyMs(this.world.random, 6, 0.6, 300) / 2;
    await this.clock.sleep(half);
    const result = await request();
    await this.clock.sleep(half);
    return result;
  }
}
