/** What the calls of the job's stores consume of the jobs table, as services make them. */
import type { MemoryChains, MemoryJobs, MemoryTables, MemoryUnits } from "../../../test/support/memoryStores";
import type { CostOf } from "./jobsTable";

/** Keys, owner, expiry and the names of attributes. */
const FRAME_BYTES = 250;

const write: CostOf = () => ({ write: 1 });
const read: CostOf = () => ({ read: 1 });

/** Head and spec of a job are one consistent read together. A condition that fails costs as much as a write. */
export const jobCosts: Readonly<Record<keyof MemoryJobs, CostOf>> = {
  read,
  head: read,
  claim: write,
  setChains: write,
  end: write,
  stop: () => ({ write: 4 }),
  announced: write,
};

export const chainCosts: Readonly<Record<keyof MemoryChains, CostOf>> = { take: write, release: write, read };

/** Writes cost by the size of the record as it is then, and the list by the size of all. */
export function unitCosts(tables: MemoryTables): Readonly<Record<keyof MemoryUnits, CostOf>> {
  const size = (unit: unknown) => FRAME_BYTES + JSON.stringify(unit).length;
  const bySize: CostOf = ([{ job, unit }]) => ({ write: Math.ceil(size(tables.unit({ job, unit })) / 1_024) });
  return {
    // Of a record that nobody has written to since, a worker reads whether its job is still there.
    take: (args, answer) => ({ ...bySize(args, answer), ...(answer.unit.updatedAt === 0 && { read: 1 }) }),
    save: bySize,
    note: bySize,
    release: bySize,
    finish: bySize,
    fail: bySize,
    list: (_args, units: readonly object[]) => ({ read: Math.max(1, Math.ceil(sum(units.map(size)) / 4_096)) }),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
