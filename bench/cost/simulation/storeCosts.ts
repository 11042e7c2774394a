/** Capacity of the jobs table that calls of the job's stores consume. */
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
  ended: write,
  setChains: write,
  end: write,
  stop: () => ({ write: 4 }),
  announced: write,
};

export const chainCosts: Readonly<Record<keyof MemoryChains, CostOf>> = { take: write, release: write, read };

/** A write costs by the size of its record at that time, the list by the size of all records. */
export function unitCosts(tables: MemoryTables): Readonly<Record<keyof MemoryUnits, CostOf>> {
  const size = (unit: unknown) => FRAME_BYTES + JSON.stringify(unit).length;
  const bySize: CostOf = ([{ job, unit }]) => ({ write: Math.ceil(size(tables.unit({ job, unit })) / 1_024) });
  return {
    // If the record may be new, the worker reads whether its job is still there.
    take: (args, answer) => ({ ...bySize(args, answer), ...(answer.unit.updatedAt === 0 && { read: 1 }) }),
    save: bySize,
    note: bySize,
    release: bySize,
    finish: bySize,
    fail: bySize,
    read: ([job, unit]) => ({ read: Math.max(1, Math.ceil(size(tables.unit({ job, unit }) ?? {}) / 4_096)) }),
    list: (_args, units: readonly object[]) => ({ read: Math.max(1, Math.ceil(sum(units.map(size)) / 4_096)) }),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
