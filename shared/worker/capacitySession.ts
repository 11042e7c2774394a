/** The limited client of one turn at a chain. All units of the turn share it. */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { withoutLog } from "../aws/clients";
import { type Consumption, nothing } from "../capacity/metering/consumption";
import { type Purpose, purposeOf } from "../capacity/metering/direction";
import { type CapacityLimits, lowestLimit } from "../capacity/metering/limits";
import { capacityPlugin } from "../capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../capacity/worker/limiter";
import type { Clock } from "../clock";
import type { CapacityUse } from "../engine/crew";
import type { Job, JobLimit } from "../jobs/job";
import { ledgerOf } from "../jobs/storage/ledgers";
import { readScansFast } from "../sources/table/scanResponses";
import { sendBatchesFast } from "../writing/batchShortcut";

/**
 * Longest wait for capacity inside an invocation, milliseconds. A separate invocation for the next page costs about as much
 * as two seconds of waiting.
 */
export const LONGEST_WAIT_MS = 2_000;

/**
 * Longest pause between two pages in which a worker keeps its credit, milliseconds. Usually it takes less than that to save a
 * checkpoint, end a unit and begin the next.
 */
export const PAUSE_MS = 250;

export interface CapacitySessionParts {
  /** For the ledgers; not limited. */
  readonly dynamodb: DynamoDBClient;
  readonly clientConfig: DynamoDBClientConfig;
  readonly jobsTable: string;
  readonly clock: Clock;
  readonly onLedgerError: (error: unknown) => void;
}

export interface Limited {
  /** What requests for a purpose have consumed in this turn. */
  readonly consumed: (purpose: Purpose) => Consumption;
  /** Its requests to the job's tables share the job's limits. */
  readonly client: DynamoDBClient;
  /** The limits in force for all workers together. */
  readonly limits: (purpose: Purpose) => CapacityLimits | undefined;
  /** Average duration of a request for a purpose, without its wait, milliseconds; undefined: no limit, or none is done. */
  readonly requestMs: (purpose: Purpose) => number | undefined;
  /** The lowest limit, capacity units per second. */
  readonly perSecond: (purpose: Purpose) => number | undefined;
}

interface Opened extends Limited {
  readonly limiters: readonly { readonly limit: JobLimit; readonly limiter: CapacityLimiter }[];
}

export class CapacitySession {
  private opened: Opened | undefined;
  private closedMs = 0;

  /** @param deadline no request passes after it, milliseconds since the epoch. */
  constructor(
    private readonly deadline: number,
    private readonly parts: CapacitySessionParts,
  ) {}

  /** Opens the job's limiters unless they are open. They visit the ledgers only with the first request. */
  of(job: Job): Limited {
    this.opened ??= this.open(job);
    return this.opened;
  }

  /** Total time for which requests waited for capacity, milliseconds. */
  get waitedMs(): number {
    return this.closedMs + this.use().waitedMs;
  }

  /** Waiting under all limits, and spending under the limit that was used most. */
  use(): CapacityUse {
    const limiters = this.opened?.limiters ?? [];
    const rates = limiters.map(({ limit, limiter }) => lowestLimit(limiter.limits ?? limit.limits));
    return {
      waitedMs: limiters.reduce((sum, { limiter }) => sum + limiter.waitedMs, 0),
      spentMs: Math.max(0, ...limiters.map(({ limiter }) => limiter.spentMs)),
      perSecond: rates.length === 0 ? undefined : Math.min(...rates),
    };
  }

  /** Gives unspent capacity back. Safe to call twice; the next use opens the limiters again. */
  async close(): Promise<void> {
    const { limiters = [] } = this.opened ?? {};
    this.closedMs = this.waitedMs;
    this.opened = undefined;
    await Promise.all(limiters.map(({ limiter }) => limiter.close().catch(this.parts.onLedgerError)));
  }

  private open(job: Job): Opened {
    const { clientConfig, dynamodb, jobsTable, clock, onLedgerError } = this.parts;
    const limiters = job.limits.map((limit) => {
      const ledger = ledgerOf(dynamodb, jobsTable, job, limit);
      // The writes or lookups of a page belong together. If one were refused in the middle, another worker would repeat the page.
      const times = { pauseMs: PAUSE_MS, ...(purposeOf(limit) === "read" && { longestWaitMs: LONGEST_WAIT_MS }) };
      const limiter = new CapacityLimiter({ ledger, clock, onLedgerError, whenPaused: "reject", ...times });
      limiter.open({ deadline: this.deadline });
      return { limit, limiter };
    });
    const gates = limiters.map(({ limit, limiter }) => capacityPlugin(limiter, limit));
    const client = sendBatchesFast(readScansFast(withoutLog(new DynamoDBClient(clientConfig))), gates);
    const of = (purpose: Purpose) => limiters.find(({ limit }) => purposeOf(limit) === purpose);
    const limits: Limited["limits"] = (purpose) => {
      const found = of(purpose);
      return found && (found.limiter.limits ?? found.limit.limits);
    };
    const perSecond: Limited["perSecond"] = (purpose) => {
      const found = limits(purpose);
      return found && lowestLimit(found);
    };
    const consumed: Limited["consumed"] = (purpose) => of(purpose)?.limiter.consumed ?? nothing;
    const requestMs: Limited["requestMs"] = (purpose) => of(purpose)?.limiter.requestMs;
    return { client, limits, requestMs, perSecond, consumed, limiters };
  }
}
