import { type LoggedValue, loggedValues } from "./emf";

const MINUTE_MS = 60_000;
/** How long values are kept, which covers a day. */
const KEPT_MS = 2 * 86_400_000;

export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

/** CloudWatch's statistics of the values of one period. */
export interface Statistics {
  sum: number;
  count: number;
  minimum: number;
  maximum: number;
}

interface Metric extends MetricId {
  /** By the start of the minute, milliseconds since the epoch. */
  minutes: Map<number, Statistics>;
}

/** CloudWatch's metrics: what functions log in the embedded metric format, minute by minute. */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Extracts the values from a text that a function logged. */
  logged(text: string): void {
    for (const value of loggedValues(text)) this.#add(value);
  }

  /** Metrics that have values, in the order in which they first had one. */
  list(): MetricId[] {
    return [...this.#metrics.values()].map(({ namespace, name, dimensions }) => ({ namespace, name, dimensions }));
  }

  /** The statistics of each period that has values, oldest first. @param from and to: milliseconds since the epoch, to exclusive */
  read(id: MetricId, from: number, to: number, periodMs: number): [start: number, statistics: Statistics][] {
    const periods = new Map<number, Statistics>();
    for (const [minute, statistics] of this.#metrics.get(keyOf(id))?.minutes ?? []) {
      const start = Math.floor(minute / periodMs) * periodMs;
      if (minute < from || minute >= to) continue;
      periods.set(start, together(periods.get(start), statistics));
    }
    return [...periods].sort(([a], [b]) => a - b);
  }

  #add({ at, values, ...id }: LoggedValue): void {
    const key = keyOf(id);
    const metric = this.#metrics.get(key) ?? { ...id, minutes: new Map() };
    this.#metrics.set(key, metric);
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    for (const value of values) {
      const one = { sum: value, count: 1, minimum: value, maximum: value };
      metric.minutes.set(minute, together(metric.minutes.get(minute), one));
    }
    for (const old of metric.minutes.keys()) if (old < this.#now() - KEPT_MS) metric.minutes.delete(old);
  }
}

function together(a: Statistics | undefined, b: Statistics): Statistics {
  if (a === undefined) return b;
  return {
    sum: a.sum + b.sum,
    count: a.count + b.count,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
