/** What a worker does with a chain that it holds, whatever driver gave it the chain. See protocol.ts. */
import type { Clock } from "../clock";
import { addUsage, type Usage } from "../cost/usage";
import type { Chain } from "../jobs/chain";
import { isActive, type Job, type JobHead } from "../jobs/job";
import type { ChainLease, ChainStore, JobStore, UnitStore } from "../jobs/stores";
import { completeJob, type Ending } from "./completion";
import type { UnitEnd, UnitWorkOptions } from "./unitWork";

export interface HoldOptions {
  readonly jobs: JobStore;
  readonly units: Pick<UnitStore, "list">;
  readonly chains: ChainStore;
  readonly clock: Clock;
  /** Unique for each delivery to a worker. */
  readonly owner: string;
  /** When the invocation will certainly have been stopped, milliseconds since the epoch. */
  readonly leaseUntil: number;
  readonly ending: Ending;
  /** Usage since the work began, or since the last call; called before the chain is released. Default: usage isn't recorded. */
  readonly usage?: () => Usage;
  /** Gives capacity back. Called before the chain is handed on or put down; more work may follow. */
  readonly rest: () => Promise<void>;
}

/** Further options of the work on units. */
export interface ChainWorkOptions extends HoldOptions, Omit<UnitWorkOptions, "tablesProblem"> {
  readonly units: UnitStore;
  /** Called after the work on each unit. */
  readonly onUnit: (unit: number, end: UnitEnd) => void;
}

/**
 * Workers of one chain that stop in a row, crashed or failed, before the job is stopped. A message is received at most 100 times;
 * after that its chain would be lost and the job would run for ever. Three units that kill their workers are given up before.
 */
export const MOST_CHAIN_ATTEMPTS = 80;

/** How long a worker waits for the one before it to release the chain, and how often it looks, milliseconds. */
const RELEASE_MS = 2_000;
const LOOK_MS = 100;
/**
 * A chain that waits for capacity looks at the ledger after this long, milliseconds: its rate may have been raised
 * meanwhile. A page lasts for 20 s at most, so only a chain that waits for an exceptional reason, such as the debt left
 * by a higher rate, looks early.
 */
const LONGEST_REST_MS = 30_000;

/**
 * When a chain that waits for capacity continues.
 * @param later when capacity comes. Both, and `now`: milliseconds since the epoch.
 */
export function restsUntil(later: number, now: number): number {
  return Math.min(later, now + LONGEST_REST_MS);
}

/**
 * Takes the chain. If its holder works on an earlier turn, the holder sent this one itself, or works on for a job that was
 * resumed since. In both cases it will probably release the chain soon, so this waits a moment.
 */
export async function takeChain(
  { id: job, expiresAt }: Job,
  { chain, turn }: Pick<ChainLease, "chain" | "turn">,
  { chains, clock, owner, leaseUntil: until }: Pick<HoldOptions, "chains" | "clock" | "owner" | "leaseUntil">,
): Promise<{ taken: boolean; chain: Chain }> {
  const from = clock.now();
  for (;;) {
    const now = clock.now();
    const answer = await chains.take({ job, chain, turn, owner, now, until, expiresAt });
    const releasing = answer.chain.owner !== undefined && answer.chain.turn < turn;
    if (answer.taken || !releasing || now - from >= RELEASE_MS) return answer;
    await clock.sleep(LOOK_MS);
  }
}

export class HeldChain {
  readonly lease: ChainLease;

  /** @param record the chain as it was taken. */
  constructor(
    private readonly job: Job,
    private readonly record: Chain,
    private readonly options: HoldOptions,
  ) {
    const { number: chain, turn } = record;
    this.lease = { job: job.id, chain, owner: options.owner, turn };
  }

  /** Why the job has to be stopped; undefined: work may go on. */
  get tooManyAttempts(): string | undefined {
    const { attempts = 1 } = this.record;
    if (attempts <= MOST_CHAIN_ATTEMPTS) return undefined;
    const what = `Its workers stopped ${attempts - 1} times one after the other before they could record why.`;
    return `${what} See the log of the worker function; more memory or a longer timeout may help.`;
  }

  /**
   * Called once work has stopped because of a pause. Gives capacity back.
   * @returns the job's head if it is active again. Undefined: it isn't; its end is published, if it has ended.
   */
  async activeAgain(): Promise<JobHead | undefined> {
    await this.options.rest();
    const now = await this.options.jobs.head(this.job.id);
    if (now !== undefined && isActive(now)) return now;
    await completeJob(this.job.id, this.options);
    return undefined;
  }

  /** Called before the chain is released: after a crash in between, its next worker finds a job that has failed. */
  async stopJob(reason: string): Promise<void> {
    const { jobs, clock } = this.options;
    await jobs.stop(this.job, reason, clock.now());
    await completeJob(this.job.id, this.options);
  }

  /** Releases the chain for messages of `turn`, and records usage. False: the chain was lost. */
  release(turn: number): Promise<boolean> {
    const used = this.options.usage?.();
    const usage = used && addUsage(this.record.usage ?? {}, used);
    return this.options.chains.release(this.lease, turn, usage);
  }
}
