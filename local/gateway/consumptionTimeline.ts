/** The consumption of a table and its indexes over time, by which the simulation and the real run are judged. */
import type { Consumption } from "../../shared/capacity/metering/consumption";
import type { CapacityLimits } from "../../shared/capacity/metering/limits";

const TABLE = "";

export class ConsumptionTimeline {
  private readonly bins = new Map<string, Float64Array>();
  private readonly size: number;
  /** When the last consumption came, milliseconds. */
  lastAt = 0;

  /** Keeps `durationMs` in bins of `binMs`. Later consumption is dropped. */
  constructor(
    durationMs: number,
    readonly binMs: number,
  ) {
    this.size = Math.ceil(durationMs / binMs) + 1;
  }

  /** Consumption at `at` milliseconds since the start of the record. */
  add(at: number, consumption: Consumption): void {
    this.put(TABLE, at, consumption.table);
    for (const name in consumption.indexes) this.put(name, at, consumption.indexes[name]!);
    this.lastAt = Math.max(this.lastAt, at);
  }

  /** Capacity units per second over `[from, to)` as a share of the limit, for the resource that is used most. */
  mean(limits: CapacityLimits, from: number, to: number): number {
    return Math.max(
      ...this.shares(limits).map(({ bins, limit }) => (1000 * this.sum(bins, from, to)) / limit / (to - from)),
    );
  }

  /** The highest consumption of any window of `windowMs` that starts in `[from, to)`, as a share of its limit. */
  worst(
    limits: CapacityLimits,
    from: number,
    to: number,
    windowMs = 1000,
  ): { share: number; at: number; index: string } {
    const found = { share: 0, at: from, index: TABLE };
    const width = Math.round(windowMs / this.binMs);
    for (const { name, bins, limit } of this.shares(limits)) {
      const first = Math.max(0, Math.round(from / this.binMs));
      const last = Math.min(this.size, Math.round(to / this.binMs) + width) - width;
      let sum = 0;
      for (let i = first; i < first + width; i++) sum += bins[i] ?? 0;
      for (let i = first; i <= last; i++) {
        const share = (1000 * sum) / windowMs / limit;
        if (share > found.share + 1e-9) Object.assign(found, { share, at: i * this.binMs, index: name });
        sum += (bins[i + width] ?? 0) - bins[i]!;
      }
    }
    return found;
  }

  /** Share of the limit used in consecutive windows, of the resource used most in each. */
  series(limits: CapacityLimits, windowMs: number): number[] {
    const windows = Math.floor(((this.size - 1) * this.binMs) / windowMs);
    return Array.from({ length: windows }, (_, i) => this.mean(limits, i * windowMs, (i + 1) * windowMs));
  }

  /** Start of the first bin at or after `from` in which anything was consumed, milliseconds; `from` if there is none. */
  firstAfter(from: number): number {
    let first = this.size;
    for (const bins of this.bins.values()) {
      const bin = bins.findIndex((consumed, i) => consumed > 0 && i * this.binMs >= from);
      if (bin >= 0) first = Math.min(first, bin);
    }
    return first === this.size ? from : first * this.binMs;
  }

  private put(name: string, at: number, capacityUnits: number): void {
    let bins = this.bins.get(name);
    if (bins === undefined) {
      bins = new Float64Array(this.size);
      this.bins.set(name, bins);
    }
    const bin = Math.floor(at / this.binMs);
    if (bin < this.size) bins[bin]! += capacityUnits;
  }

  private shares(limits: CapacityLimits): { name: string; bins: Float64Array; limit: number }[] {
    return [...this.bins].map(([name, bins]) => ({
      name,
      bins,
      limit: name === TABLE ? limits.table : (limits.indexes?.[name] ?? limits.table),
    }));
  }

  private sum(bins: Float64Array, from: number, to: number): number {
    let sum = 0;
    const last = Math.min(this.size, Math.round(to / this.binMs));
    for (let i = Math.round(from / this.binMs); i < last; i++) sum += bins[i]!;
    return sum;
  }
}
