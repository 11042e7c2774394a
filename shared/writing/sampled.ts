/**
 * Estimates from a sample: totals with intervals of 95 %.
 *
 * - Items chosen one by one: a total of y with share p stands for y / p, with variance y · (1 - p) / p².
 * - Whole clusters (Scan segments), n of N: N times their mean, with variance N² · (1 - n/N) · s² / n, s² being the variance
 *   between clusters.
 * - An outcome that the sample doesn't have: up to 3 · (1 - p) / p other items may have it. With more than 3 expected in the
 *   sample, it would miss all of them less than once in 20 times ("rule of three").
 *
 * Cochran, Sampling Techniques, 3rd edition, sections 3.2 and 9.3 (clusters of about equal size).
 */
import { noOutcomes, type Outcome, type Outcomes, outcomeNames } from "./outcomes";

/** As in `SampleShare` of shared/sources/source.ts. */
export interface Share {
  readonly share: number;
  readonly clusters?: number;
}

/** A total: the best guess, and bounds that contain it 19 times out of 20. */
export interface Interval {
  readonly about: number;
  readonly from: number;
  readonly to: number;
}

/** Two-sided quantiles of the normal distribution, 95 %. */
const QUANTILE = 1.96;
/** The most items of an outcome that a sample misses, times its share: e⁻³ is 5 %. */
const MISSED = 3;

export class SampledOutcomes {
  private count = 0;
  private sum: Outcomes = noOutcomes;
  private squares: Outcomes = noOutcomes;

  constructor(private readonly sample: Share) {}

  /** Adds the outcomes of a unit. */
  add(outcomes: Outcomes): void {
    this.count++;
    this.sum = each((name) => this.sum[name] + outcomes[name]);
    this.squares = each((name) => this.squares[name] + outcomes[name] ** 2);
  }

  /** The estimated number of all items with each outcome. */
  totals(): Record<Outcome, Interval> {
    return each((name) => this.interval(name));
  }

  private interval(name: Outcome): Interval {
    const { share, clusters } = this.sample;
    const sum = this.sum[name];
    if (sum === 0) return { about: 0, from: 0, to: Math.ceil((MISSED * (1 - share)) / share) };
    const about = sum / share;
    const variance = clusters === undefined ? (sum * (1 - share)) / share ** 2 : this.clusterVariance(name, clusters);
    const margin = QUANTILE * Math.sqrt(variance);
    // The items that were seen certainly exist.
    return { about: Math.round(about), from: Math.max(sum, Math.floor(about - margin)), to: Math.ceil(about + margin) };
  }

  /** A single cluster shows nothing about the variance between clusters: then the total is as uncertain as it is large. */
  private clusterVariance(name: Outcome, clusters: number): number {
    const { count } = this;
    if (count < 2) return (clusters * this.sum[name]) ** 2;
    const mean = this.sum[name] / count;
    const between = Math.max(0, this.squares[name] - count * mean ** 2) / (count - 1);
    return (clusters ** 2 * (1 - count / clusters) * between) / count;
  }
}

function each<T>(value: (name: Outcome) => T): Record<Outcome, T> {
  return Object.fromEntries(outcomeNames.map((name) => [name, value(name)])) as Record<Outcome, T>;
}
