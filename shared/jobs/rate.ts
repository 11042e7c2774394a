/** The one rate of a job, and the capacity limits that it stands for. */
import type { CapacityLimits } from "../capacity/metering/limits";

/** A rate as limits: of the index, where one is read, else of the table. */
export function readLimits(rcu: number, index: string | undefined): CapacityLimits {
  return index === undefined ? { table: rcu } : { table: rcu, indexes: { [index]: rcu } };
}

/** RCU/s that limits allow. */
export function rateOf({ table }: CapacityLimits): number {
  return table;
}
