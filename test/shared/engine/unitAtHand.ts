/** Chains and units under the real protocol on stores in memory. Every effect is recorded. */
import type { ChainTurn } from "../../../shared/drivers/driver";
import type { Ending } from "../../../shared/engine/completion";
import { handleChainTurn, type ProtocolOptions } from "../../../shared/engine/protocol";
import type { Stretch, UnitEnd, Work } from "../../../shared/engine/unitWork";
import type { Chain } from "../../../shared/jobs/chain";
import type { Job } from "../../../shared/jobs/job";
import { unitOf } from "../../../shared/jobs/storage/reading";
import type { Lease } from "../../../shared/jobs/stores";
import type { Unit } from "../../../shared/jobs/unit";
import { MemoryChains, MemoryDriver, MemoryJobs, MemoryTables, MemoryUnits } from "../../support/memoryStores";
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
  /** Attempts that unit 0 has had, and other fields of its record. Default: it has no record. */
  readonly unit?: Partial<Unit>;
  /** The record of chain 0. Default: none. */
  readonly chain?: Partial<Chain>;
  readonly ending?: Partial<Ending>;
  /** Effects that fail, by name, with their errors. */
  readonly fail?: Readonly<Record<string, Error>>;
}

const reading = new Set(["read", "head", "list"]);

/**
 * A job of one unit, or as many as `job` has, and one chain, whose messages are handled one after the other, at T. `log`
 * records every effect, and `ends` records how units ended.
 */
export function jobAtHand({ job = {}, unit, chain, ending = {}, fail = {} }: Setting = {}) {
  const tables = MemoryTables.with(sampleJob({ units: 1, ...job }));
  if (unit !== undefined) tables.putUnit("job", { ...unitOf(undefined), number: 0, ...unit });
  if (chain !== undefined) tables.putChain("job", { number: 0, turn: 0, ...chain });
  const log: string[] = [];
  const ends: [unit: number, end: UnitEnd][] = [];
  const driver = new MemoryDriver();
  /** `from`: when the invocation began. */
  const time = { now: T, from: T };
  const noting = <Stores extends object>(name: string, stores: Stores): Stores =>
    new Proxy(stores, {
      get: (target, method: string) => {
        const found = (target as unknown as Record<string, unknown>)[method];
        if (typeof found !== "function" || reading.has(method)) return found;
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
    chains: noting("chains", new MemoryChains(tables)),
    driver: noting("driver", driver),
    clock: {
      now: () => time.now,
      sleep: async (ms) => {
        time.now += ms;
      },
    },
    get leaseUntil() {
      return time.from + 60_000;
    },
    get stopAt() {
      return time.from + 50_000;
    },
    isTransient: (error) => !(error instanceof Lasting),
    verdict: (error, { id }) => (error instanceof Fatal ? `${id}: ${error.message}` : undefined),
    backoffMs: (attempts) => 10_000 * attempts,
    ending: noting("ending", {
      isTransient: () => true,
      tablesProblem: async () => undefined,
      summarize: async () => "all",
      announce: async () => undefined,
      ...ending,
    }),
    onUnit: (number, end) => ends.push([number, end]),
    onHead: () => undefined,
    rest: async () => void log.push("rest"),
  };
  const handle = (work: Work, turn: Partial<ChainTurn> = {}, owner = "worker") =>
    handleChainTurn({ job: "job", chain: 0, turn: 0, ...turn }, { ...options, owner, work });
  const key = { job: "job", unit: 0 } as Lease;
  return {
    ...{ handle, log, ends, driver, tables, time, options },
    unit: () => tables.unit(key)!,
    chain: () => tables.chain("job", 0),
    job: () => tables.job("job")!,
  };
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
export const finishes = ends({ end: "exhausted", checkpoint: last });
