import { ConsumptionTimeline } from "./consumptionTimeline";
import type { ConsumptionReport, Slot } from "./throttling/record";

type CapacityUnit = "rcu" | "wcu";

/** What the gateway saw written to a table and its indexes, from the first write on, in its own slots. */
export function writesOf(report: ConsumptionReport, durationMs: number): ConsumptionTimeline {
  return recordOf(report, durationMs, "wcu");
}

/** The same of what was read. */
export function readsOf(report: ConsumptionReport, durationMs: number): ConsumptionTimeline {
  return recordOf(report, durationMs, "rcu");
}

/** All that was read, and a second behind it, so that every second that begins in it is whole. */
export function allReadsOf(report: ConsumptionReport) {
  const startedAt = firstReadAt(report);
  const durationMs = (report.consumption.at(-1)?.at ?? startedAt) - startedAt + 1_000;
  return { record: readsOf(report, durationMs), startedAt, durationMs };
}

/** When something was first read, milliseconds since the epoch; Infinity where nothing was. */
export function firstReadAt({ consumption }: ConsumptionReport): number {
  return firstOf(consumption, "rcu");
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
