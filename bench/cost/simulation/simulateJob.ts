/**
 * A job on virtual time: the real protocol, page loop, page size, limiter and ledger, with stores in memory, a simulated table,
 * queue and Lambda. It shows what a job needs at rates that this machine can't serve.
 */

import type { ConsumptionReport } from "../../../local/gateway/throttling/record";
import { Ledger } from "../../../shared/capacity/ledger/ledger";
import { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import { divideTime, hiddenSeconds, unitBackoffMs } from "../../../shared/drivers/queue/invocationTime";
import { unitTurn } from "../../../shared/drivers/queue/unitQueue";
import { Budget } from "../../../shared/engine/budget";
import { workPages } from "../../../shared/engine/pageLoop";
import { handleUnitTurn, type WorkTools } from "../../../shared/engine/protocol";
import type { Job } from "../../../shared/jobs/job";
import type { Unit } from "../../../shared/jobs/unit";
import { count } from "../../../shared/operations/count/count";
import type { Operation, Tools } from "../../../shared/operations/operation";
import { TableScan } from "../../../shared/sources/table/tableScan";
import { MemoryLedger } from "../../../test/support/memoryLedger";
import { MemoryJobs, MemoryTables, MemoryUnits } from "../../../test/support/memoryStores";
import { readLimit, sampleJob } from "../../../test/support/sampleJob";
import { seeded } from "../../../test/support/simulation/chance";
import { MachineClock, VirtualTime } from "../../../test/support/virtualTime";
import type { OperationName } from "../jobs";
import type { Usage } from "../usage";
import { PUT_MS } from "./assumed";
import { Fleet, type FleetOptions, type Invocation } from "./fleet";
import { type CallCost, JobsTableMeter } from "./jobsTable";
import { SimulatedTable, type TableOptions } from "./simulatedTable";

export interface SimulationOptions extends TableOptions {
  readonly operation: OperationName;
  /** RCU/s. */
  readonly rate: number;
  readonly lambda: Pick<FleetOptions, "maximumConcurrency" | "timeoutSeconds" | "memoryMegabytes" | "initMs">;
  readonly seed: number;
}

export interface Simulated {
  readonly usage: Usage;
  readonly rcu: number;
  readonly undisturbedRcu: number;
  readonly consumption: ConsumptionReport;
  readonly billedMs: number;
  readonly waitedMs: number;
  /** Calls of the stores by name, such as `units.save` and `ledger.update`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly messages: number;
}

/** Units of the protocol's calls; what is not here is one write unit. A transaction of two records costs four. */
const JOB_COSTS: Readonly<Record<string, CallCost>> = { read: { read: 1 } };
const UNIT_COSTS: Readonly<Record<string, CallCost>> = { finish: { write: 4 }, fail: { write: 4 } };

const TABLE = "answers";
const JOB = "job";
/** A simulation that has not ended by then never will: this many times what reading takes at the rate, and ten minutes. */
const PATIENCE = 20;
const DELIVERY_MS = 15;
/** How soon a message comes again after an error that says nothing of it, milliseconds. */
const REDELIVERY_MS = 5_000;

/** @throws Error where the job does not complete. */
export async function simulateJob(options: SimulationOptions): Promise<Simulated> {
  const simulation = new Simulation(options);
  const { table, time } = simulation;
  const mostMs = 600_000 + (PATIENCE * 1_000 * table.undisturbedRcu) / options.rate;
  await simulation.start();
  while (simulation.job.state === "running" && time.now < mostMs) await time.runUntil(time.now + 1_000);
  if (simulation.job.state !== "completed") throw new Error(`the simulated job is ${simulation.job.state}`);
  return simulation.result();
}

class Simulation {
  readonly time = new VirtualTime();
  readonly table: SimulatedTable;
  readonly #options: SimulationOptions;
  readonly #random: () => number;
  readonly #meter: JobsTableMeter;
  readonly #ledger = new MemoryLedger();
  readonly #stores: MemoryTables;
  readonly #fleet: Fleet;
  #waitedMs = 0;
  #puts = 0;
  #owners = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#meter = new JobsTableMeter(this.#random);
    this.table = new SimulatedTable(options);
    const { rate, items, itemBytes, segments: units, lambda } = options;
    const estimate = { estimatedItems: items, estimatedBytes: items * itemBytes };
    this.#stores = MemoryTables.with(sampleJob({ id: JOB, units, limits: [readLimit(rate, TABLE)], ...estimate }));
    this.#fleet = new Fleet({
      ...lambda,
      time: this.time,
      deliveryMs: DELIVERY_MS,
      handle: (body, invocation) => this.#handle(body, invocation),
      redeliveryMs: (error) => 1_000 * (hiddenSeconds(error, this.#now) ?? REDELIVERY_MS / 1_000),
    });
  }

  get job(): Job {
    return this.#stores.job(JOB)!;
  }

  get #now(): number {
    return new MachineClock(this.time, 0).now();
  }

  /** What the start function does: the ledger, and a turn for every unit. */
  async start(): Promise<void> {
    await new Ledger(this.#ledger).create({ table: this.#options.rate }, this.#now);
    const turns = Array.from({ length: this.#options.segments }, (_, unit) => ({ job: JOB, unit, turn: 0 }));
    this.#fleet.send(turns.map((turn) => JSON.stringify(turn)));
  }

  result(): Simulated {
    const { invocations, billedMs, gigabyteSeconds, queueRequests, messages } = this.#fleet.usage;
    const { writeUnits, readUnits, calls } = this.#meter;
    return {
      usage: {
        invocations,
        gigabyteSeconds,
        writeUnits,
        readUnits,
        queueRequests,
        puts: this.#puts,
        gets: 0,
        events: 1,
      },
      rcu: this.table.rcu,
      undisturbedRcu: this.table.undisturbedRcu,
      consumption: this.table.record.report(TABLE),
      ...{ billedMs, messages, waitedMs: this.#waitedMs, calls: Object.fromEntries(calls) },
    };
  }

  /** What services/scanner does with a message, without the AWS clients. */
  async #handle(body: string, { clock, remainingMs }: Invocation): Promise<void> {
    const { stopAt, endsAt } = divideTime(clock.now(), remainingMs);
    // The message is hidden for the time of the invocation.
    this.#fleet.request();
    const driver = {
      dispatch: async (turns: readonly object[]) => this.#fleet.send(turns.map((turn) => JSON.stringify(turn))),
    };
    await handleUnitTurn(unitTurn(body), {
      jobs: this.#meter.store("jobs", new MemoryJobs(this.#stores), JOB_COSTS, clock),
      units: this.#meter.store("units", new MemoryUnits(this.#stores), UNIT_COSTS, clock),
      driver,
      clock,
      owner: `owner ${++this.#owners}`,
      leaseUntil: endsAt,
      isTransient: () => false,
      verdict: () => undefined,
      backoffMs: (attempts) => unitBackoffMs(attempts, this.#random),
      work: (job, unit, tools) => this.#work(job, unit, tools, clock, stopAt),
      ending: {
        isTransient: () => false,
        sourceProblem: async () => undefined,
        summarize: async () => this.#summarize(clock),
        announce: async () => undefined,
      },
    });
  }

  /** An export's two manifests. */
  async #summarize(clock: MachineClock): Promise<void> {
    await this.#put(clock);
    await this.#put(clock);
  }

  /** What an export has to put before a checkpoint, and for the object that a unit ends with. */
  async #put(clock: MachineClock): Promise<void> {
    if (this.#options.operation !== "export") return;
    this.#puts += 1;
    await clock.sleep(PUT_MS);
  }

  async #work(job: Job, unit: Unit, { save }: WorkTools, clock: MachineClock, stopAt: number) {
    const ledger = new Ledger(this.#meter.ledger(this.#ledger, clock));
    const limiter = new CapacityLimiter({ ledger, clock, random: this.#random, whenPaused: "reject" });
    const dynamodb = this.table.client(limiter, clock, (ms) => {
      this.#waitedMs += ms;
    });
    limiter.open({ deadline: stopAt });
    try {
      const perSecond = (direction: string) =>
        direction === "read" ? (limiter.limits?.table ?? this.#options.rate) : undefined;
      const budget = new Budget({ clock, stopAt, perSecond });
      const retry = <T>(call: () => Promise<T>) => call();
      const { units, estimatedBytes, estimatedItems } = job;
      const averageBytes = estimatedBytes / estimatedItems;
      const spec = { kind: "table", table: TABLE, consistentRead: false } as const;
      const source = new TableScan({ spec, unit: unit.number, units, averageBytes }, { dynamodb, budget, retry });
      const tools = { signal: new AbortController().signal, retry } as unknown as Tools;
      const operation = count as Operation;
      const durable: WorkTools["save"] = async (checkpoint) => {
        await this.#put(clock);
        await save(checkpoint);
      };
      const pages = { job, unit, source, operation, tools, budget, clock, stopAt, save: durable };
      const stretch = await workPages(pages);
      if (stretch.end === "exhausted") await this.#put(clock);
      return stretch;
    } finally {
      await limiter.close();
    }
  }
}
