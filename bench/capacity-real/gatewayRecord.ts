import type { ConsumptionReport, Slot } from "../../local/gateway/throttling/record";
import { ConsumptionRecord } from "../capacity/consumptionRecord";

/** What the gateway saw written to a table and its indexes, from the first write on, in its own slots. */
export function writesOf(report: ConsumptionReport, durationMs: number): ConsumptionRecord {
  const writes = (slots: readonly Slot[]) => slots.filter(({ wcu }) => wcu > 0);
  const start = Math.min(...writes(report.consumption).map(({ at }) => at));
  const record = new ConsumptionRecord(durationMs, report.slotMs);
  for (const { at, wcu } of writes(report.consumption)) record.add(at - start, { table: wcu });
  for (const [name, slots] of Object.entries(report.indexes)) {
    for (const { at, wcu } of writes(slots)) record.add(at - start, { table: 0, indexes: { [name]: wcu } });
  }
  return record;
}
