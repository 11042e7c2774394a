/** One unit under the real protocol on stores in memory, every effect noted. */
import type { UnitTurn } from "../../../shared/drivers/driver";
import type { Ending } from "../../../shared/engine/completion";
import { handleUnitTurn, type ProtocolOptions, type Stretch, type Work } from "../../../shared/engine/protocol";
import type { Job } from "../../../shared/jobs/job";
import { unitOf } from "../../../shared/jobs/storage/dynamoDbUnits";
import type { Lease } from "../../../shared/jobs/stores";
import type { Unit } from "../../../shared/jobs/unit";
import { MemoryDriver, MemoryJobs, MemoryTables, MemoryUnits } from "../../support/memoryStores";
import { sampleJob } from "../../support/sampleJob";

export const T = 1_800_000_000_000;
export const page = {
  cursor: "next",
  counts: { pages: 1, scannedItems: 1, items: 1, rcu: 1 },
  result: 1,
  rcuPerSecond: 1,
};
export const last = { ...page, cursor: undefined };

export class Lasting extends Error {}
export class Fatal extends Error {}

export interface Setting {
  readonly job?: Partial<Job>;
  /** Attempts that unit 0 has behind it, and more of its record. */
  readonly unit?: Partial<Unit>;
  readonly ending?: Partial<Ending>;
  /** Effects that fail, by name, with what. */
  readonly fail?: Readonly<Record<string, Error>>;
}

/** Unit 0 of a job, whose messages are handled one after the other, at T. Every effect is noted in `log`. */
export function unitAtHand({ job = {}, unit, ending = {}, fail = {} }: Setting = {}) {
  const tables = MemoryTables.with(sampleJob({ units: 2, ...job }));
  if (unit !== undefined) tables.putUnit("job", { ...unitOf(undefined), number: 0, ...unit });
  const log: string[] = [];
  const driver = new MemoryDriver();
  const noting = <Stores extends object>(name: string, stores: Stores): Stores =>
    new Proxy(stores, {
      get: (target, method: string) => {
        const found = (target as unknown as Record<string, unknown>)[method];
        if (typeof found !== "function" || method === "read") return found;
        return async (...args: unknown[]) => {
          log.push(`${name}.${method}`);
          const error = fail[`${name}.${method}`];
          if (error !== undefined) throw error;
          return found.apply(target, args);
        };
      },
    });
  const options: Omit<ProtocolOptions, "owner" | "work"> = {
    jobs: noting("jobs", new MemoryJobs(tables)),
    units: noting("units", new MemoryUnits(tables)),
    driver: noting("driver", driver),
    clock: { now: () => T, sleep: () => Promise.reject(new Error("nothing here sleeps")) },
    leaseUntil: T + 60_000,
    isTransient: (error) => !(error instanceof Lasting),
    verdict: (error, { id }) => (error instanceof Fatal ? `${id}: ${error.message}` : undefined),
    backoffMs: (attempts) => 1_000 * attempts,
    ending: noting("ending", {
      isTransient: () => true,
      sourceProblem: async () => undefined,
      summarize: async () => "all",
      announce: async () => undefined,
      ...ending,
    }),
  };
  const handle = (work: Work, turn: Partial<UnitTurn> = {}, owner = "worker") =>
    handleUnitTurn({ job: "job", unit: 0, turn: 0, ...turn }, { ...options, owner, work });
  const key = { job: "job", unit: 0 } as Lease;
  return { handle, log, driver, tables, unit: () => tables.unit(key)!, job: () => tables.job("job")! };
}

export const outage = Object.assign(new Error("the database is away"), { name: "TimeoutError" });
export const throws =
  (error: unknown): Work =>
  async () => {
    throw error;
  };
export const ends =
  (stretch: Stretch): Work =>
  async () =>
    stretch;
export const savesThen =
  (work: Work): Work =>
  async (job, unit, tools) => {
    await tools.save(page);
    return work(job, unit, tools);
  };
export const stopped = (progressed: boolean, waited: boolean) => ends({ end: "stopped", progressed, waited });
