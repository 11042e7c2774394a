/** Handles a message as services/scanner does, without the AWS clients. */

import { S3Client } from "@aws-sdk/client-s3";
import type { LedgerStore } from "../../../shared/capacity/ledger/ledgerItem";
import type { ChainTurn } from "../../../shared/drivers/driver";
import { divideTime, unitBackoffMs } from "../../../shared/drivers/invocationTime";
import { chainTurn } from "../../../shared/drivers/queue/unitQueue";
import { Budget } from "../../../shared/engine/budget";
import { Crew } from "../../../shared/engine/crew";
import { workPages } from "../../../shared/engine/pageLoop";
import { handleChainTurn } from "../../../shared/engine/protocol";
import type { WorkTools } from "../../../shared/engine/unitWork";
import type { Job } from "../../../shared/jobs/job";
import type { Unit } from "../../../shared/jobs/unit";
import { count } from "../../../shared/operations/count/count";
import type { Operation, Tools } from "../../../shared/operations/operation";
import { TableScan } from "../../../shared/sources/table/tableScan";
import { LONGEST_WAIT_MS } from "../../../shared/worker/capacitySession";
import { MemoryChains, MemoryJobs, type MemoryTables, MemoryUnits } from "../../../test/support/memoryStores";
import type { MachineClock } from "../../../test/support/virtualTime";
import type { OperationName } from "../jobs";
import { QUEUE_MS } from "./assumed";
import type { Fleet, Invocation } from "./fleet";
import type { JobsTableMeter } from "./jobsTable";
import { SimulatedCapacity } from "./simulatedCapacity";
import { type ExportGround, putManifests, type StoreUse, simulatedExport } from "./simulatedExport";
import type { SimulatedTable } from "./simulatedTable";
import { chainCosts, jobCosts, unitCosts } from "./storeCosts";

export interface WorkerOptions {
  readonly operation: OperationName;
  readonly random: () => number;
  readonly table: SimulatedTable;
  readonly stores: MemoryTables;
  readonly ledger: LedgerStore;
  readonly meter: JobsTableMeter;
  readonly fleet: Fleet;
  readonly mostWorkers: number;
}

/** The parts of one invocation. */
interface AtHand {
  readonly clock: MachineClock;
  readonly stopAt: number;
  readonly deadline: number;
  readonly capacity: SimulatedCapacity;
  readonly crew: Crew;
}

export class SimulatedWorker {
  /** Total time that workers waited for capacity, milliseconds. */
  waitedMs = 0;
  readonly #options: WorkerOptions;
  readonly #use: StoreUse = { puts: 0, gets: 0 };
  #owners = 0;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get puts(): number {
    return this.#use.puts;
  }

  get gets(): number {
    return this.#use.gets;
  }

  async handle(body: string, { clock, remainingMs }: Invocation): Promise<void> {
    const { fleet, meter, stores, ledger, table, random, mostWorkers: most } = this.#options;
    const { stopAt, deadline, endsAt } = divideTime(clock.now(), remainingMs);
    // The message is hidden for the time of the invocation.
    fleet.request();
    await clock.sleep(QUEUE_MS);
    const message = chainTurn(body);
    const driver = {
      dispatch: async (turns: readonly ChainTurn[], delaySeconds = 0) => {
        await clock.sleep(QUEUE_MS);
        fleet.send(
          turns.map((turn) => JSON.stringify(turn)),
          1_000 * delaySeconds,
        );
      },
    };
    const jobs = meter.store("jobs", new MemoryJobs(stores), jobCosts, clock);
    const units = meter.store("units", new MemoryUnits(stores), unitCosts(stores), clock);
    const chains = meter.store("chains", new MemoryChains(stores), chainCosts, clock);
    const shared = { clock, random, table };
    const capacity = new SimulatedCapacity({ ...shared, store: meter.ledger(ledger, clock), deadline });
    const crew = new Crew({ jobs, chains, chain: message.chain, driver, clock, use: () => capacity.use(), most });
    const at: AtHand = { clock, stopAt, deadline, capacity, crew };
    try {
      await handleChainTurn(message, {
        ...{ jobs, units, chains, driver, clock, stopAt },
        owner: `owner ${++this.#owners}`,
        leaseUntil: endsAt,
        isTransient: () => false,
        verdict: () => undefined,
        backoffMs: (attempts) => unitBackoffMs(attempts, random),
        work: (job, unit, tools) => this.#work(job, unit, tools, at),
        onUnit: () => undefined,
        onHead: (head) => crew.see(head),
        rest: () => capacity.close(),
        ending: {
          isTransient: () => false,
          tablesProblem: async () => undefined,
          summarize: async () => this.#summarize(clock),
          announce: async () => undefined,
        },
      });
    } finally {
      await capacity.close();
      this.waitedMs += capacity.waitedMs;
    }
  }

  async #work(job: Job, unit: Unit, { save }: WorkTools, { clock, stopAt, deadline, capacity, crew }: AtHand) {
    const dynamodb = capacity.open(job.limits[0]!.limits.table);
    const perSecond = (direction: string) => (direction === "read" ? capacity.perSecond : undefined);
    const budget = new Budget({ clock, deadline, perSecond });
    const retry = <T>(call: () => Promise<T>) => call();
    const { units, estimatedBytes, estimatedItems } = job;
    const averageBytes = estimatedBytes / estimatedItems;
    const spec = { kind: "table", table: job.work.table, consistentRead: false } as const;
    const source = new TableScan(
      { spec, unit: unit.number, units, averageBytes },
      {
        dynamodb,
        budget,
        retry,
        s3: new S3Client({}),
      },
    );
    const tools = { signal: new AbortController().signal, retry } as unknown as Tools;
    const operation = this.#operation(clock);
    const shared = { job, unit, source, operation, tools, budget, clock, stopAt, save };
    return workPages({ ...shared, goOn: () => crew.goOn(), longestWaitMs: LONGEST_WAIT_MS });
  }

  #operation(clock: MachineClock): Operation {
    const { operation } = this.#options;
    return (operation === "count" ? count : simulatedExport(this.#ground(clock))) as Operation;
  }

  async #summarize(clock: MachineClock): Promise<void> {
    if (this.#options.operation === "export") await putManifests(this.#ground(clock));
  }

  #ground(clock: MachineClock): ExportGround {
    const putEntry = () =>
      this.#options.meter.call(
        "entries.put",
        () => ({ write: 1 }),
        clock,
        async () => undefined,
      );
    return { use: this.#use, sleep: (ms) => clock.sleep(ms), putEntry };
  }
}
