/** Executions of a state machine whose functions run the real protocol on stores in memory, on virtual time. */
import type { BatchTask, EpochTask } from "../../../../shared/drivers/driver";
import { answerOf, batchTask, epochTask } from "../../../../shared/drivers/workflow/tasks";
import type { Work } from "../../../../shared/engine/unitWork";
import { type BatchOptions, handleBatch } from "../../../../shared/engine/workflow/batches";
import { summarizeJob } from "../../../../shared/engine/workflow/summary";
import type { Job } from "../../../../shared/jobs/job";
import { noCounts } from "../../../../shared/jobs/unit";
import { generateNumbers } from "../../../../shared/worker/generateNumbers";
import { MemoryChains, MemoryJobs, MemoryTables, MemoryUnits } from "../../../support/memoryStores";
import { readLimit, sampleJob } from "../../../support/sampleJob";
import { StateMachine, type TaskFunctions } from "../../../support/stateMachine";
import { MachineClock, VirtualTime } from "../../../support/virtualTime";

/** Time of each invocation, milliseconds. */
const INVOCATION_MS = 10_000;
const STOP_MS = 8_000;
const PAGE_MS = 300;
const CALL_MS = 5;

export interface ExecutionSetting {
  /** Default: four units of unknown size, so that each is a batch. */
  readonly job?: Partial<Job>;
  /** Pages of each unit. Default 3. */
  readonly pages?: number;
  /** Numbers at once. Default 2. */
  readonly mostWorkers?: number;
  /** The store call that kills its worker, counted over all calls, and whether it still takes effect. Default: none. */
  readonly kill?: { readonly call: number; readonly after: boolean };
  /** Every task is delivered twice at once; the first answer counts. */
  readonly twice?: boolean;
  /** Whether the answer to a task is lost. Default: none is. */
  readonly lose?: (input: BatchTask | EpochTask) => boolean;
  /** Replaces the work on pages. */
  readonly work?: Work;
  /** Runs before every call to a store, with the call's name. */
  readonly before?: (call: string) => void;
}

export function executionGround(setting: ExecutionSetting = {}) {
  const { pages = 3, mostWorkers = 2, kill, lose = () => false, twice = false } = setting;
  const limits = [readLimit(100_000)];
  const tables = MemoryTables.with(sampleJob({ units: 4, limits, estimatedBytes: 0, ...setting.job }));
  const time = new VirtualTime();
  const epochMs = new MachineClock(time, 0).now();
  const reads: string[] = [];
  /** Counts over all invocations. */
  const seen = { calls: 0, invocations: 0, killedAt: undefined as number | undefined };

  /** One invocation: the work ends with its clock if a call kills it. */
  async function invoke<T>(run: (options: BatchOptions) => Promise<T>): Promise<T> {
    const clock = new MachineClock(time, 0);
    const owner = `worker ${++seen.invocations}`;
    const startedAt = clock.now();
    let die = (_: Error) => {};
    const killed = new Promise<never>((_, reject) => {
      die = reject;
    });
    const calling = <Stores extends object>(name: string, stores: Stores): Stores =>
      new Proxy(stores, {
        get:
          (target, method: string) =>
          async (...args: unknown[]) => {
            await clock.sleep(CALL_MS);
            setting.before?.(`${name}.${method}`);
            const dies = seen.calls++ === kill?.call;
            const does = () => (target as unknown as Record<string, (...args: unknown[]) => unknown>)[method]!(...args);
            if (!dies) return does();
            if (kill?.after) await does();
            seen.killedAt = time.now;
            clock.crash();
            die(Object.assign(new Error("exit"), { name: "Runtime.ExitError" }));
            return new Promise(() => undefined);
          },
      });
    const jobs = calling("jobs", new MemoryJobs(tables));
    const options: BatchOptions = {
      ...{
        jobs,
        units: calling("units", new MemoryUnits(tables)),
        chains: calling("chains", new MemoryChains(tables)),
      },
      ...{ clock, owner, stopAt: startedAt + STOP_MS, leaseUntil: startedAt + INVOCATION_MS + 2_000 },
      ...{ isTransient: () => true, verdict: () => undefined, backoffMs: () => 4_000 },
      ...{ onUnit: () => undefined, rest: async () => undefined },
      ending: {
        isTransient: () => true,
        tablesProblem: async () => undefined,
        summarize: async () =>
          tables
            .unitsOf("job")
            .sort((a, b) => a.number - b.number)
            .map((unit) => unit.result),
        announce: async () => undefined,
      },
      work: setting.work ?? readPages(clock, startedAt + STOP_MS),
    };
    return Promise.race([run(options), killed]);
  }

  /** Works page after page, and looks for a pause after each. The result is the list of the pages. */
  function readPages(clock: MachineClock, stopAt: number): Work {
    return async (job, unit, { save }) => {
      let result = (unit.result ?? []) as number[];
      while (clock.now() < stopAt) {
        await clock.sleep(PAGE_MS);
        reads.push(`${unit.number}/${result.length}`);
        result = [...result, result.length];
        const progress = { counts: { ...noCounts, pages: result.length }, result, rcuPerSecond: 0 };
        if (result.length === pages) return { end: "exhausted", checkpoint: { ...progress, cursor: undefined } };
        await save({ ...progress, cursor: result.length });
        const now = tables.job(job.id)!;
        if (now.state === "paused" || now.state === "cancelled") return { end: "paused" };
      }
      return { end: "stopped", progressed: true, waited: false };
    };
  }

  /** A task as the state machine calls it. An answer that is lost comes after all the work. */
  async function task<T>(input: BatchTask | EpochTask, run: (options: BatchOptions) => Promise<T>): Promise<T> {
    const deliveries = Array.from({ length: twice ? 2 : 1 }, () => invoke(run));
    const value = await Promise.race(deliveries);
    if (lose(input)) throw Object.assign(new Error("no answer"), { name: "Lambda.SdkClientException" });
    return JSON.parse(JSON.stringify(value));
  }

  const functions: TaskFunctions = {
    generate: (input) => task(input, (options) => generateNumbers(epochTask(input), { ...options, mostWorkers })),
    processNumber: (input) => task(input, async (options) => answerOf(await handleBatch(batchTask(input), options))),
    summarize: (input) => task(input, async (options) => answerOf(await summarizeJob(epochTask(input), options))),
  };
  const machine = new StateMachine(functions, time, epochMs);
  return { machine, tables, time, reads, seen, job: () => tables.job("job")! };
}

/** The results of a job's units once each page was read. */
export function wholeResult(units: number, pages = 3): number[][] {
  return Array.from({ length: units }, () => Array.from({ length: pages }, (_, page) => page));
}
