/** The limited client of one turn at a chain, which all units of the turn share. */
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { withoutLog } from "../../shared/aws/clients";
import type { Direction } from "../../shared/capacity/metering/direction";
import type { CapacityLimits } from "../../shared/capacity/metering/limits";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import type { Clock } from "../../shared/clock";
import type { CapacityUse } from "../../shared/engine/crew";
import type { Job, JobLimit } from "../../shared/jobs/job";
import { ledgerOf } from "../../shared/jobs/storage/ledgers";
import { readScansFast } from "../../shared/sources/table/scanResponses";

/**
 * Longest wait for capacity inside an invocation, milliseconds. An invocation of its own for the next page costs about as much as
 * two seconds of waiting.
 */
export const LONGEST_WAIT_MS = 2_000;

/** Between two pages a worker stores what it has read, ends a unit and begins the next; longer than that takes, as a rule, milliseconds. */
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
  /** Its requests to the job's tables share the job's limits. */
  readonly client: DynamoDBClient;
  /** Capacity units per second in force for all workers together. */
  readonly perSecond: (direction: Direction) => number | undefined;
}

interface Opened extends Limited {
  readonly limiters: readonly { readonly limit: JobLimit; readonly limiter: CapacityLimiter }[];
}

export class CapacitySession {
  private opened: Opened | undefined;
  private closedMs = 0;

  /** @param deadline after which no request is let through, milliseconds since the epoch. */
  constructor(
    private readonly deadline: number,
    private readonly parts: CapacitySessionParts,
  ) {}

  /** Opens the job's limiters, if they are not open. The ledgers hear of it with the first request. */
  of(job: Job): Limited {
    this.opened ??= this.open(job);
    return this.opened;
  }

  /** For how long requests waited for capacity in all, milliseconds. */
  get waitedMs(): number {
    return this.closedMs + this.use().waitedMs;
  }

  /** What was waited for and spent under the limit that was spent most of. */
  use(): CapacityUse {
    const limiters = this.opened?.limiters ?? [];
    const rates = limiters.map(({ limit, limiter }) => lowest(limiter.limits ?? limit.limits));
    return {
      waitedMs: limiters.reduce((sum, { limiter }) => sum + limiter.waitedMs, 0),
      spentMs: Math.max(0, ...limiters.map(({ limiter }) => limiter.spentMs)),
      perSecond: rates.length === 0 ? undefined : Math.min(...rates),
    };
  }

  /** Gives back what is unspent. Safe to call twice; the next use opens anew. */
  async close(): Promise<void> {
    const { limiters = [] } = this.opened ?? {};
    this.closedMs = this.waitedMs;
    this.opened = undefined;
    await Promise.all(limiters.map(({ limiter }) => limiter.close().catch(this.parts.onLedgerError)));
  }

  private open(job: Job): Opened {
    const { clientConfig, dynamodb, jobsTable, clock, onLedgerError } = this.parts;
    const client = readScansFast(withoutLog(new DynamoDBClient(clientConfig)));
    const times = { longestWaitMs: LONGEST_WAIT_MS, pauseMs: PAUSE_MS };
    const limiters = job.limits.map((limit) => {
      const ledger = ledgerOf(dynamodb, jobsTable, job, limit);
      const limiter = new CapacityLimiter({ ledger, clock, onLedgerError, whenPaused: "reject", ...times });
      client.middlewareStack.use(capacityPlugin(limiter, limit));
      limiter.open({ deadline: this.deadline });
      return { limit, limiter };
    });
    const perSecond: Limited["perSecond"] = (direction) => {
      const found = limiters.find(({ limit }) => limit.direction === direction);
      return found && lowest(found.limiter.limits ?? found.limit.limits);
    };
    return { client, perSecond, limiters };
  }
}

function lowest({ table, indexes = {} }: CapacityLimits): number {
  return Math.min(table, ...Object.values(indexes));
}
