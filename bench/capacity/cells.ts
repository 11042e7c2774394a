/**
 * The matrix: every number of workers with every rate and every cost of an item. In addition, workers that make one request
 * after the other, as a scan does page by page, with small items and with the pages that the scanner really reads.
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

/** Options of cells whose workers are serial. */
const serialWorkerCounts = [1, 2, 4, 8, 16, 40] as const;
const serialRates = [10, 100, 400, 2000, 40_000] as const;
const serialCosts = ["1", "20"];

/** Workers that read pages, by rate: one, and more where the rate can feed them. */
const pageCells: readonly (readonly [rate: number, workers: readonly number[]])[] = [
  [1, [1]],
  [5, [1]],
  [14, [1]],
  [20, [1, 2]],
  [30, [1]],
  [50, [1, 2]],
  [100, [1, 2, 3, 4]],
  [150, [1, 2, 4]],
  [200, [1, 2, 3, 4, 8]],
  [300, [1, 2, 4, 16]],
  [500, [1]],
  [1000, [2, 3, 4, 8, 16, 64]],
  [4000, [8, 16]],
];

/** Average cost of a page that the scanner reads at `rate` units a second, capacity units. */
export function pageUnits(rate: number): number {
  if (rate >= 320) return Math.min(128, rate / 20);
  if (rate < 14.8) return Math.min(40, 20 * rate);
  return (1.08 * rate) / Math.floor((1.08 * rate) / 16);
}

/** Pages differ by up to a tenth from the average. */
function pagesAt(rate: number): ItemCost {
  const units = pageUnits(rate);
  return {
    ...fixed("page", units),
    draw: (random) => ({ table: units * (0.9 + 0.2 * random()) }),
    most: { table: 1.1 * units },
  };
}

export interface Cell {
  readonly id: string;
  readonly workers: number;
  readonly rate: number;
  readonly cost: ItemCost;
  readonly limits: CapacityLimits;
  /** Requests that a worker has under way at most. */
  readonly concurrency: number;
  /** Milliseconds of account time of an average item: the distance between items when the limit is used fully. */
  readonly itemMs: number;
  /** Cost of the most expensive item, in seconds: the excess of a second with one item too many. */
  readonly largestItem: number;
  /** The average duration of a request, milliseconds, including rounding up to whole steps. */
  readonly requestMs: number;
  /** The most requests that any second may hold. Default: what the limit allows. */
  readonly mostRequests?: number;
  /** How long one request takes, milliseconds. Default: as the simulated world has it. */
  readonly drawMs?: (random: Random) => number;
}

const REQUEST_MS = 7;
/** A page of a scan takes this long, milliseconds. */
const PAGE_MS = [30, 150] as const;

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
    requestMs: REQUEST_MS,
  };
}

function pageCell(workers: number, rate: number): Cell {
  const [least, most] = PAGE_MS;
  return {
    ...cellOf(workers, rate, pagesAt(rate), true),
    id: `workers=${workers} rate=${rate} pages`,
    requestMs: (least + most) / 2,
    ...(rate < 320 && { mostRequests: Math.max(1, Math.floor((1.08 * rate) / 16)) }),
    drawMs: (random) => least + (most - least) * random(),
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
  const pages = pageCells.flatMap(([rate, counts]) => counts.map((workers) => pageCell(workers, rate)));
  return [...parallel, ...serial, ...pages];
}

/** The number of workers that reach the rate, with a fifth to spare. */
export function workersNeeded(cell: Cell): number {
  return Math.max(1, Math.ceil((1.2 * cell.requestMs) / cell.concurrency / cell.itemMs));
}
