import type { ListedRecord } from "../../services/ingest/desk/quarantined";
import type { Settled } from "../../services/ingest/desk/settle";
import { inBatches } from "../../shared/aws/batches";

export interface Outcomes {
  /** Keys. */
  done: string[];
  notDone: { key: string; why: Exclude<Settled, "done"> }[];
}

/** Records that are settled at once. */
const CONCURRENCY = 16;

/** Settles every record. */
export async function settleAll(
  records: readonly Pick<ListedRecord, "key">[],
  work: (record: Pick<ListedRecord, "key">) => Promise<Settled>,
): Promise<Outcomes> {
  const outcomes: Outcomes = { done: [], notDone: [] };
  await inBatches(records, { size: 1, concurrency: CONCURRENCY }, async ([record]) => {
    const { key } = record!;
    const settled = await work(record!);
    if (settled === "done") outcomes.done.push(key);
    else outcomes.notDone.push({ key, why: settled });
  });
  return outcomes;
}
