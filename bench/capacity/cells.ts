/**
 * The matrix: every number of workers with every rate and every cost of an item; and besides, workers that make one request
 * after the other, as a scan does page by page.
 */
import type { Consumption } from "../../shared/capacity/metering/consumption";
import { type CapacityLimits, costMs } from "../../shared/capacity/metering/limits";
import type { Random } from "../../test/support/simulation/chance";

export interface ItemCost {
  readonly name: string;
  draw(random: Random): Consumption;
  readonly mean: Consumption;
  readonly most: Consumption;
  limits(rate: number): CapacityLimits;
}

const fixed = (name: string, units: number): ItemCost => ({
  name,
  draw: () => ({ table: units }),
  mean: { table: units },
  most: { table: units },
  limits: (rate) => ({ table: rate }),
});

const withIndex: Consumption = { table: 1, indexes: { byDate: 2 } };

export const itemCosts: readonly ItemCost[] = [
  fixed("1", 1),
  {
    name: "1-4",
    draw: (random) => ({ table: 1 + Math.floor(4 * random()) }),
    mean: { table: 2.5 },
    most: { table: 4 },
    limits: (rate) => ({ table: rate }),
  },
  fixed("20", 20),
  {
    name: "1+gsi2",
    draw: () => withIndex,
    mean: withIndex,
    most: withIndex,
    limits: (rate) => ({ table: rate, indexes: { byDate: 1.5 * rate } }),
  },
];

export const workerCounts = [1, 4, 40, 400, 1000] as const;
export const rates = [0.5, 10, 400, 2000, 40_000] as const;

/** Of the cells whose workers are serial. */
const serialWorkerCounts = [1, 4, 40] as const;
const serialRates = [10, 400, 2000, 40_000] as const;
const serialCosts = ["1", "20"];

export interface Cell {
  readonly id: string;
  readonly workers: number;
  readonly rate: number;
  readonly cost: ItemCost;
  readonly limits: CapacityLimits;
  /** Requests that a worker has under way at most. */
  readonly concurrency: number;
  /** Milliseconds of account time of an average item: how far apart items are when the limit is met. */
  readonly itemMs: number;
  /** Of the most expensive item, in seconds: by so much a second with one item too many exceeds the limit. */
  readonly largestItem: number;
}

/** What a request takes on average in the simulated world, milliseconds, rounding up to whole steps included. */
const REQUEST_MS = 7;

export function cellOf(workers: number, rate: number, cost: ItemCost, serial = false): Cell {
  const limits = cost.limits(rate);
  return {
    id: `workers=${workers} rate=${rate} cost=${cost.name}${serial ? " serial" : ""}`,
    workers,
    rate,
    cost,
    limits,
    concurrency: serial ? 1 : workers >= 400 ? 16 : 64,
    itemMs: costMs(cost.mean, limits),
    largestItem: costMs(cost.most, limits) / 1000,
  };
}

export function allCells(): Cell[] {
  const parallel = workerCounts.flatMap((workers) =>
    rates.flatMap((rate) => itemCosts.map((cost) => cellOf(workers, rate, cost))),
  );
  const serial = serialWorkerCounts.flatMap((workers) =>
    serialRates.flatMap((rate) =>
      itemCosts.filter(({ name }) => serialCosts.includes(name)).map((cost) => cellOf(workers, rate, cost, true)),
    ),
  );
  return [...parallel, ...serial];
}

/** How many workers it takes to reach the rate, with a fifth to spare. */
export function workersNeeded(cell: Cell): number {
  return Math.max(1, Math.ceil((1.2 * REQUEST_MS) / cell.concurrency / cell.itemMs));
}
