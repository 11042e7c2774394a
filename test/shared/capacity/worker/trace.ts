/**
 * Runs limiters in virtual time and records, to the microsecond, all their calls of the ledger and the times when they let
 * requests through. Nothing is left to chance: the same code gives the same lines.
 */
import { createHash } from "node:crypto";
import { Ledger } from "../../../../shared/capacity/ledger/ledger";
import type { LedgerChange, LedgerStore } from "../../../../shared/capacity/ledger/ledgerItem";
import type { Consumption } from "../../../../shared/capacity/metering/consumption";
import type { CapacityLimits } from "../../../../shared/capacity/metering/limits";
import { CapacityLimiter, type CapacityLimiterOptions, type Permit } from "../../../../shared/capacity/worker/limiter";
import { MemoryLedger } from "../../../support/memoryLedger";
import { seeded } from "../../../support/simulation/chance";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

export interface TraceOptions {
  readonly limits: CapacityLimits;
  /** Time of the way to the ledger and back, milliseconds: of the n-th worker, or the same for all. Default 0. */
  readonly latencyMs?: number | ((worker: number) => number);
  readonly whenPaused?: "wait" | "reject";
  /** See {@link VirtualTime}. Default 1. */
  readonly stepMs?: number;
}

export interface Work {
  /** What each request consumes, or just its units of the table. */
  readonly units: number | ((request: number) => number | Consumption);
  /** How long each request takes, milliseconds. */
  readonly ms: number | (() => number);
  /** Requests, one after the other. Default: without end. */
  readonly count?: number;
  /** Between two requests, milliseconds. Default 0. */
  readonly pauseMs?: number | (() => number);
  /** How the attempt ends. Default "charge". */
  readonly end?: (request: number) => "charge" | "keep" | "release";
}

export class Trace {
  readonly time: VirtualTime;
  readonly lines: string[] = [];
  /** While true the ledger cannot be reached. */
  broken = false;
  private readonly store = new MemoryLedger();
  private readonly epoch: number;
  private workers = 0;

  constructor(private readonly options: TraceOptions) {
    this.time = new VirtualTime(options.stepMs);
    this.epoch = this.clock().now();
  }

  /** The ledger as an operator reaches it. */
  get operator(): Ledger {
    return new Ledger(this.store);
  }

  /** @param skewMs by how much the clock is wrong, milliseconds. */
  clock(skewMs = 0): MachineClock {
    return new MachineClock(this.time, skewMs);
  }

  /** A worker with an open limiter. */
  worker(options: Partial<CapacityLimiterOptions> & { deadline?: number } = {}, clock = this.clock()) {
    const number = this.workers++;
    const name = `w${number}`;
    const ledger = new Ledger(this.recorded(name, number));
    const { limits, whenPaused = "wait" } = this.options;
    const random = seeded(this.workers);
    const onLedgerError = (error: unknown) => this.note(name, `error ${(error as Error).message}`);
    const limiter = new CapacityLimiter({ ledger, clock, limits, whenPaused, random, onLedgerError, ...options });
    limiter.open(options.deadline === undefined ? {} : { deadline: this.epoch + options.deadline });
    return { name, limiter, clock };
  }

  /** Requests of one worker, one after the other. */
  async work({ name, limiter, clock }: ReturnType<Trace["worker"]>, work: Work): Promise<void> {
    const { units, ms, count = Number.POSITIVE_INFINITY, pauseMs = 0, end = () => "charge" } = work;
    try {
      for (let request = 0; request < count; request++) {
        const permit = await limiter.acquire();
        this.note(name, "start");
        const lasts = drawn(ms);
        if (lasts > 0) await clock.sleep(lasts);
        settle(permit, end(request), typeof units === "number" ? units : units(request));
        const pause = drawn(pauseMs);
        if (pause > 0) await clock.sleep(pause);
      }
      this.note(name, "done");
    } catch (error) {
      this.note(name, `rejected ${(error as { code?: string }).code ?? (error as Error).message}`);
    }
  }

  note(who: string, what: string): void {
    this.lines.push(`${String(rounded(this.time.now)).padStart(6)} ${who} ${what}`);
  }

  /** The first `most` lines, and a digest of all. */
  async report(most: number): Promise<string> {
    const digest = createHash("sha256").update(this.lines.join("\n")).digest("hex").slice(0, 16);
    const item = await this.item();
    return [...this.lines.slice(0, most), `… ${this.lines.length} lines, digest ${digest}`, `item ${item}`].join("\n");
  }

  /** The ledger item as it stands. */
  async item(): Promise<string> {
    return this.shown(await this.operator.read());
  }

  private recorded(name: string, worker: number): LedgerStore {
    return {
      create: async (item) => {
        if (name === "w0") this.note(name, "create");
        return this.distant(worker, () => this.store.create(item));
      },
      read: () => {
        this.note(name, "look");
        return this.distant(worker, () => this.store.read());
      },
      update: async (change) => {
        const result = await this.distant(worker, () => this.store.update(change));
        this.note(name, `${this.update(change)} ${result.applied ? "applied" : "refused"}`);
        return result;
      },
    };
  }

  private async distant<T>(worker: number, request: () => Promise<T>): Promise<T> {
    const { latencyMs = 0 } = this.options;
    if (this.broken) throw new Error("unreachable");
    const ms = typeof latencyMs === "number" ? latencyMs : latencyMs(worker);
    if (ms === 0) return request();
    await this.time.sleep(ms / 2);
    const result = await request();
    await this.time.sleep(ms / 2);
    return result;
  }

  private update({ require = {}, set = {}, add = {} }: LedgerChange): string {
    return `if ${this.shown(require)} set ${this.shown(set)} add ${this.shown(add)}`;
  }

  /** Instants count from the beginning. */
  private shown(values: object): string {
    const round = (value: unknown): unknown => {
      if (typeof value !== "number") return value;
      return rounded(value > 1e12 ? value - this.epoch : value) + 0;
    };
    return JSON.stringify(values, (_, value) => round(value)).replaceAll('"', "");
  }
}

function settle(permit: Permit, end: "charge" | "keep" | "release", units: number | Consumption): void {
  if (end === "charge") permit.charge(typeof units === "number" ? { table: units } : units);
  else permit[end]();
}

function drawn(ms: number | (() => number)): number {
  return typeof ms === "number" ? ms : ms();
}

/** To the microsecond. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
