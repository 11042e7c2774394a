/** A simulated worker: several requests at once, each as early as possible, for as long as there is work. */
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import type { World } from "../../test/support/simulation/simulation";
import type { MachineClock } from "../../test/support/virtualTime";

export interface Worker {
  /** Units of the table this worker consumed so far. */
  readonly units: number;
  /** Milliseconds for which its requests waited for capacity, added up over all that it makes at once. */
  readonly heldUpMs: number;
  /** Begins to work. */
  start(): void;
  /** Ends in order: finishes what is in flight, gives back what is unspent. */
  stop(): void;
  /** Crashes. */
  crash(): void;
}

export interface WorkerOptions {
  /** Requests at the same time. */
  readonly concurrency: number;
  /** Milliseconds of other work between two requests of one thread; 0 for a worker that takes as much as possible. */
  readonly thinkMs: number;
}

export class SluiceWorker implements Worker {
  units = 0;
  heldUpMs = 0;
  private readonly clock: MachineClock;
  private readonly limiter: CapacityLimiter;
  private running = false;

  constructor(
    private readonly world: World,
    private readonly options: WorkerOptions,
  ) {
    this.clock = world.machine();
    this.limiter = new CapacityLimiter({ ledger: world.ledger(this.clock), clock: this.clock, random: world.random });
  }

  start(): void {
    this.running = true;
    this.limiter.open();
    for (let i = 0; i < this.options.concurrency; i++) void this.work().catch(() => undefined);
  }

  stop(): void {
    this.running = false;
    void this.limiter.close();
  }

  crash(): void {
    this.running = false;
    this.clock.crash();
  }

  private async work(): Promise<void> {
    while (this.running) {
      const since = this.world.time.now;
      const permit = await this.limiter.acquire();
      this.heldUpMs += this.world.time.now - since;
      const consumption = await this.world.request(this.clock);
      permit.charge(consumption);
      this.units += consumption.table;
      if (this.options.thinkMs > 0) await this.clock.sleep(this.options.thinkMs * 2 * this.world.random());
    }
  }
}

/**
 * The token bucket that people copy, as the appendix describes it: a fixed share per worker; one unit of allowance
 * is enough to start; a second's sleep when there is none; serial; indexes beyond the first local one are not seen.
 */
export class BaselineWorker implements Worker {
  units = 0;
  readonly heldUpMs = 0;
  private readonly clock: MachineClock;
  private running = false;

  constructor(
    private readonly world: World,
    private readonly workers: number,
  ) {
    this.clock = world.machine();
  }

  start(): void {
    this.running = true;
    void this.work();
  }

  stop(): void {
    this.running = false;
  }

  crash(): void {
    this.running = false;
    this.clock.crash();
  }

  private async work(): Promise<void> {
    const rate = this.world.limits.table / this.workers;
    let allowance = rate;
    let last = this.clock.now();
    while (this.running) {
      const now = this.clock.now();
      allowance = Math.min(rate, allowance + ((now - last) / 1000) * rate);
      last = now;
      if (allowance < 1) await this.clock.sleep(1000);
      const { table } = await this.world.request(this.clock);
      allowance -= table;
      this.units += table;
    }
  }
}
