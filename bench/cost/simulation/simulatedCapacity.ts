/** Limits one turn at a chain as shared/worker/capacitySession.ts does, without the AWS clients. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Ledger } from "../../../shared/capacity/ledger/ledger";
import type { LedgerStore } from "../../../shared/capacity/ledger/ledgerItem";
import { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import type { Clock } from "../../../shared/clock";
import type { CapacityUse } from "../../../shared/engine/crew";
import { LONGEST_WAIT_MS, PAUSE_MS } from "../../../shared/worker/capacitySession";
import type { SimulatedTable } from "./simulatedTable";

export interface CapacityOptions {
  readonly table: SimulatedTable;
  readonly store: LedgerStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** After which no request is let through, milliseconds since the epoch. */
  readonly deadline: number;
}

export class SimulatedCapacity {
  #opened: { readonly limiter: CapacityLimiter; readonly client: DynamoDBClient } | undefined;
  #closedMs = 0;
  #rate = 0;

  constructor(private readonly options: CapacityOptions) {}

  /** The limited client, which all units of the turn share. @param rate RCU/s by the job's record. */
  open(rate: number): DynamoDBClient {
    this.#rate = rate;
    this.#opened ??= this.#open();
    return this.#opened.client;
  }

  /** RCU/s in force. */
  get perSecond(): number {
    return this.#opened?.limiter.limits?.table ?? this.#rate;
  }

  get waitedMs(): number {
    return this.#closedMs + (this.#opened?.limiter.waitedMs ?? 0);
  }

  use(): CapacityUse {
    const limiter = this.#opened?.limiter;
    return {
      waitedMs: limiter?.waitedMs ?? 0,
      spentMs: limiter?.spentMs ?? 0,
      perSecond: limiter === undefined ? undefined : this.perSecond,
    };
  }

  async close(): Promise<void> {
    this.#closedMs = this.waitedMs;
    const { limiter } = this.#opened ?? {};
    this.#opened = undefined;
    await limiter?.close();
  }

  #open() {
    const { store, clock, random, deadline, table } = this.options;
    const shared = { whenPaused: "reject", longestWaitMs: LONGEST_WAIT_MS, pauseMs: PAUSE_MS } as const;
    const limiter = new CapacityLimiter({ ledger: new Ledger(store), clock, random, ...shared });
    limiter.open({ deadline });
    return { limiter, client: table.client(limiter, clock) };
  }
}
