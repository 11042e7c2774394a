/** Turns usage into costs, part by part. Pure. */
import type { Direction } from "../capacity/metering/direction";
import { type DpuSeconds, noDpuSeconds } from "./dpuSeconds";
import { dollarsFor, type PriceName, type Prices } from "./prices";
import type { Usage } from "./usage";

/** Capacity units of the job's own work, by direction. */
export type CapacityUsed = Readonly<Partial<Record<Direction, number>>>;

export const billParts = ["capacity", "lambda", "glue", "jobsTable", "sqs", "s3", "events"] as const;
export type BillPartName = (typeof billParts)[number];

export interface BillPart {
  readonly part: BillPartName;
  /** Null: not priced, because a price that it needs is not known. */
  readonly dollars: number | null;
}

export interface Bill {
  readonly parts: readonly BillPart[];
  /** Sum of the priced parts. */
  readonly dollars: number;
  /** Names of the unknown prices for which there is usage. */
  readonly notPriced: readonly PriceName[];
}

/**
 * The cost of a job at on-demand prices. Provisioned capacity is paid by the hour, whether it is used or not. Its units
 * are priced nevertheless: they show what the same job would cost on demand.
 * @param dpu of the spark driver. Default: none.
 */
export function billOf(usage: Usage, capacity: CapacityUsed, prices: Prices, dpu: DpuSeconds = noDpuSeconds): Bill {
  const amounts = amountsOf(usage, capacity, dpu);
  const notPriced = new Set<PriceName>();
  const parts = billParts.map((part): BillPart => {
    let dollars: number | null = 0;
    for (const [name, amount] of amounts[part]) {
      const cost = dollarsFor(amount, name, prices);
      if (cost === undefined) notPriced.add(name);
      dollars = cost === undefined || dollars === null ? null : dollars + cost;
    }
    return { part, dollars };
  });
  return { parts, dollars: parts.reduce((sum, part) => sum + (part.dollars ?? 0), 0), notPriced: [...notPriced] };
}

/** Dollars of one part; null: not priced. */
export function dollarsOf({ parts }: Bill, name: BillPartName): number | null {
  return parts.find(({ part }) => part === name)!.dollars;
}

const SECONDS_PER_HOUR = 3_600;

/** What each part consists of. */
function amountsOf(
  usage: Usage,
  { read = 0, write = 0 }: CapacityUsed,
  { standard, flex }: DpuSeconds,
): Record<BillPartName, [PriceName, number][]> {
  return {
    capacity: [
      ["tableReads", read],
      ["tableWrites", write],
    ],
    lambda: [
      ["functionGigabyteSeconds", usage.gigabyteSeconds],
      ["invocations", usage.invocations],
    ],
    glue: [
      ["dpuHours", standard / SECONDS_PER_HOUR],
      ["flexDpuHours", flex / SECONDS_PER_HOUR],
    ],
    jobsTable: [
      ["tableWrites", usage.writeUnits],
      ["tableReads", usage.readUnits],
    ],
    sqs: [["queueRequests", usage.queueRequests]],
    s3: [
      ["objectWrites", usage.puts],
      ["objectReads", usage.gets],
    ],
    events: [["customEvents", usage.events]],
  };
}
