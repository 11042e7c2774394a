import { ConsumptionTimeline } from "./consumptionTimeline";
import type { ConsumptionReport, Slot } from "./throttling/record";

type CapacityUnit = "rcu" | "wcu";

/** The write consumption of a table and its indexes as the gateway saw it, from the first write on, in its own slots. */
export function writesOf(report: ConsumptionReport, durationMs: number): ConsumptionTimeline {
  return recordOf(report, durationMs, "wcu");
}

/** The same for reads. */
export function readsOf(report: ConsumptionReport, durationMs: number): ConsumptionTimeline {
  return recordOf(report, durationMs, "rcu");
}

/** The whole time of reading, and one more second, so that every second that begins in it is complete. */
export function allReadsOf(report: ConsumptionReport) {
  const startedAt = firstReadAt(report);
  const durationMs = (report.consumption.at(-1)?.at ?? startedAt) - startedAt + 1_000;
  return { record: readsOf(report, durationMs), startedAt, durationMs };
}

/** The time of the first read, milliseconds since the epoch; Infinity if there was none. */
export function firstReadAt({ consumption }: ConsumptionReport): number {
  return firstOf(consumption, "rcu");
}

/** The time of the first write, milliseconds since the epoch; Infinity if there was none. */
export function firstWriteAt({ consumption }: ConsumptionReport): number {
  return firstOf(consumption, "wcu");
}

function recordOf(report: ConsumptionReport, durationMs: number, unit: CapacityUnit): ConsumptionTimeline {
  const start = firstOf(report.consumption, unit);
  const record = new ConsumptionTimeline(durationMs, report.slotMs);
  for (const slot of some(report.consumption, unit)) record.add(slot.at - start, { table: slot[unit] });
  for (const [name, slots] of Object.entries(report.indexes)) {
    for (const slot of some(slots, unit)) record.add(slot.at - start, { table: 0, indexes: { [name]: slot[unit] } });
  }
  return record;
}

function firstOf(slots: readonly Slot[], unit: CapacityUnit): number {
  return Math.min(...some(slots, unit).map(({ at }) => at));
}

function some(slots: readonly Slot[], unit: CapacityUnit): Slot[] {
  return slots.filter((slot) => slot[unit] > 0);
}
