/**
 * Runs a job on virtual time: the real protocol, crew, page loop, page size, limiter and ledger, on stores in memory and a
 * simulated table, queue and Lambda. It shows a job's usage at rates that this machine can't serve.
 */
import type { ConsumptionReport } from "../../../local/gateway/throttling/record";
import { Ledger } from "../../../shared/capacity/ledger/ledger";
import { firstChains } from "../../../shared/capacity/metering/workerSpeed";
import { START } from "../../../shared/cost/model";
import { addUsage, type Usage } from "../../../shared/cost/usage";
import { hiddenSeconds } from "../../../shared/drivers/queue/hiddenSeconds";
import { firstTurn } from "../../../shared/engine/turns";
import type { Job } from "../../../shared/jobs/job";
import { MemoryLedger } from "../../../test/support/memoryLedger";
import { MemoryTables } from "../../../test/support/memoryStores";
import { readLimit, sampleJob } from "../../../test/support/sampleJob";
import { seeded } from "../../../test/support/simulation/chance";
import { MachineClock, VirtualTime } from "../../../test/support/virtualTime";
import type { OperationName } from "../jobs";
import { Fleet, type FleetOptions } from "./fleet";
import { JobsTableMeter } from "./jobsTable";
import { SimulatedTable, type TableOptions } from "./simulatedTable";
import { SimulatedWorker } from "./simulatedWorker";

export interface SimulationOptions extends TableOptions {
  readonly operation: OperationName;
  /** RCU/s. */
  readonly rate: number;
  /** Other rates from moments on, milliseconds since the start, in their order. Default: none. */
  readonly changes?: readonly { readonly atMs: number; readonly rate: number }[];
  readonly lambda: Pick<FleetOptions, "maximumConcurrency" | "timeoutSeconds" | "memoryMegabytes" | "initMs">;
  readonly seed: number;
}

export interface Simulated {
  /** The start function included. */
  readonly usage: Usage;
  readonly rcu: number;
  readonly undisturbedRcu: number;
  readonly consumption: ConsumptionReport;
  readonly waitedMs: number;
  /** Calls of the stores by name, such as `units.save` and `ledger.update`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly messages: number;
  /** The number of chains that the job's head had, whenever it changed. */
  readonly chains: readonly { readonly atMs: number; readonly chains: number }[];
}

export const TABLE = "answers";
export const JOB = "job";
/** A simulation may take this many times the time that reading takes at the rate, plus ten minutes. After that it never ends. */
const PATIENCE = 20;
const DELIVERY_MS = 15;
/** How soon a message comes again after an error without a time of its own, milliseconds. */
const REDELIVERY_MS = 5_000;
/** How often the number of chains is looked at, milliseconds. */
const LOOK_MS = 1_000;

/** @throws Error if the job does not complete. */
export async function simulateJob(options: SimulationOptions): Promise<Simulated> {
  const simulation = new Simulation(options);
  const { table, time } = simulation;
  const { rate, changes = [] } = options;
  const last = changes.at(-1) ?? { atMs: 0, rate };
  const mostMs = 600_000 + last.atMs + (PATIENCE * 1_000 * table.undisturbedRcu) / last.rate;
  await simulation.start();
  while (simulation.job.state === "running" && time.now < mostMs) {
    await time.runUntil(time.now + LOOK_MS);
    await simulation.look();
  }
  if (simulation.job.state !== "completed") throw new Error(`the simulated job is ${simulation.job.state}`);
  // The last invocations report their usage.
  await time.runUntil(time.now + 60_000);
  return simulation.result();
}

class Simulation {
  readonly time = new VirtualTime();
  readonly table: SimulatedTable;
  readonly #options: SimulationOptions;
  readonly #meter: JobsTableMeter;
  readonly #ledger = new MemoryLedger();
  readonly #stores: MemoryTables;
  readonly #fleet: Fleet;
  readonly #worker: SimulatedWorker;
  readonly #chains: { atMs: number; chains: number }[] = [];
  /** How many changes of the rate were made. */
  #changed = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { rate, items, itemBytes, segments: units, lambda, operation, seed } = options;
    const random = seeded(seed);
    this.#meter = new JobsTableMeter(random);
    this.table = new SimulatedTable(options);
    const chains = firstChains(rate, units, lambda.maximumConcurrency);
    const estimate = { estimatedItems: items, estimatedBytes: items * itemBytes };
    this.#stores = MemoryTables.with(
      sampleJob({ id: JOB, units, chains, limits: [readLimit(rate, TABLE)], ...estimate }),
    );
    this.#fleet = new Fleet({
      ...lambda,
      time: this.time,
      deliveryMs: DELIVERY_MS,
      handle: (body, invocation) => this.#worker.handle(body, invocation),
      redeliveryMs: (error) => 1_000 * (hiddenSeconds(error, this.#now) ?? REDELIVERY_MS / 1_000),
    });
    this.#worker = new SimulatedWorker({
      ...{ operation, random, table: this.table, stores: this.#stores, fleet: this.#fleet },
      ...{ meter: this.#meter, ledger: this.#ledger, mostWorkers: lambda.maximumConcurrency },
    });
  }

  get job(): Job {
    return this.#stores.job(JOB)!;
  }

  get #now(): number {
    return new MachineClock(this.time, 0).now();
  }

  /** Does the start function's part: makes the ledger and sends a message for every chain. */
  async start(): Promise<void> {
    await new Ledger(this.#ledger).create({ table: this.#options.rate }, this.#now);
    const turn = firstTurn(this.job.epoch);
    const turns = Array.from({ length: this.job.chains }, (_, chain) => ({ job: JOB, chain, turn }));
    this.#fleet.send(turns.map((each) => JSON.stringify(each)));
    await this.look();
  }

  /** Notes the number of chains, and changes the rate when that is due. */
  async look(): Promise<void> {
    const { chains } = this.job;
    if (this.#chains.at(-1)?.chains !== chains) this.#chains.push({ atMs: this.time.now, chains });
    const change = this.#options.changes?.[this.#changed];
    if (change === undefined || this.time.now < change.atMs) return;
    this.#changed += 1;
    await new Ledger(this.#ledger).configure({ table: change.rate }, this.#now);
    this.#stores.putJob({ ...this.job, limits: [readLimit(change.rate, TABLE)] });
  }

  result(): Simulated {
    const { messages, ...lambdaAndQueue } = this.#fleet.usage;
    const { writeUnits, readUnits, calls } = this.#meter;
    const { seconds, memoryMegabytes, ...start } = START;
    const startLambda = { billedMs: 1_000 * seconds, gigabyteSeconds: (seconds * memoryMegabytes) / 1_024 };
    const { puts, gets, waitedMs } = this.#worker;
    return {
      usage: addUsage(lambdaAndQueue, { writeUnits, readUnits, puts, gets, events: 1 }, start, startLambda),
      rcu: this.table.rcu,
      undisturbedRcu: this.table.undisturbedRcu,
      consumption: this.table.record.report(TABLE),
      ...{ messages, waitedMs, calls: Object.fromEntries(calls), chains: this.#chains },
    };
  }
}
