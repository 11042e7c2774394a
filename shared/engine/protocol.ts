/**
 * The protocol of a job's work: who works on which unit, and how work passes from one invocation to the next.
 *
 *   message n of chain c ─► take the chain (lease, turn n) ─► unit ► unit ► … ─► send message n+1 ─► release the chain (turn n+1)
 *                                                                                                   ─► delete message n
 *   a unit ─► take (lease) ► page ► checkpoint ► page … ─► done, failed, or put down for whoever takes it next
 *
 * A chain is a succession of invocations. It takes one unit after another (claims.ts chooses) and works on it (unitWork.ts).
 * A job has as many chains as its rate feeds (crew.ts), however many units it has.
 *
 * Invariant: while a job is active, it has a message that is neither deleted, dead nor stale, and whose chain will look at
 * every unit before it ends. At most one worker's writes to the checkpoint of a unit take effect.
 *
 * - A message whose turn is below the chain's is stale and may be deleted: a chain's turn rises to `n` only after the message
 *   of turn `n` was sent. Any other message may take the chain once its lease is released or over. While another worker holds
 *   the chain, the message goes back to the queue, because the holder may need this very message again after a crash.
 * - Leases of chains and units last as long as the invocation can, so Lambda stops the holder before anybody else may take
 *   them. After a crash between any two steps the chain's message comes again.
 * - A chain ends, without a next message, only after it has seen that each unit has ended or is held by another worker. That
 *   worker's chain then goes on. So the last chain sees all units ended, and ends the job before its message is deleted.
 * - A chain may retire if the job has more chains than it needs, but chain 0 never does. It puts its unit down first. Then it
 *   checks that places are still unclaimed: whoever claims the last one looks at all units afterwards.
 * - An error that no unit can get past (the table is gone, access is denied) stops the whole job with one reason: its record
 *   is failed and its ledgers are paused in one step. Its workers then put their units down, as after a pause.
 * - A chain whose workers stop again and again without putting it down fails the job too. Otherwise its message would become
 *   a dead letter.
 * - Workers of a job that is paused, cancelled or over delete their messages. Resuming starts a new epoch: it sends a message for
 *   each chain, of a turn above all that the epochs before can have reached.
 */
import type { Clock } from "../clock";
import { addUsage, type Usage } from "../cost/usage";
import type { ChainTurn, Driver } from "../drivers/driver";
import { SluiceError } from "../errors";
import type { Chain } from "../jobs/chain";
import { isActive, type Job, type JobHead } from "../jobs/job";
import type { ChainLease, ChainStore, JobStore, UnitStore } from "../jobs/stores";
import { Claims } from "./claims";
import { completeJob, type Ending } from "./completion";
import { hasEnded, type Tally } from "./tally";
import { firstTurn } from "./turns";
import { type UnitEnd, UnitWork, type UnitWorkOptions } from "./unitWork";

/**
 * The outcome of a message; with each of these it may be deleted. `ended`: this chain has nothing left to do; `continued`:
 * the chain's next message was sent.
 */
export type Handled = "ended" | "continued" | "retired" | "stale" | "parked" | "unknown";

export interface ProtocolOptions extends Omit<UnitWorkOptions, "sourceProblem"> {
  readonly jobs: JobStore;
  readonly units: UnitStore;
  readonly chains: ChainStore;
  readonly driver: Driver;
  readonly clock: Clock;
  /** Unique for each handling of a message. */
  readonly owner: string;
  /** When the invocation has certainly been stopped, milliseconds since the epoch. */
  readonly leaseUntil: number;
  /** When no further unit is begun, milliseconds since the epoch. */
  readonly stopAt: number;
  readonly ending: Ending;
  /** Called after the work on each unit. */
  readonly onUnit: (unit: number, end: UnitEnd) => void;
  /** Called with the job's head whenever it was read. */
  readonly onHead: (head: JobHead) => void;
  /** Usage since the turn began; called once, before the chain is released. Default: usage isn't recorded. */
  readonly usage?: () => Usage;
  /** Gives capacity back. Called before the chain is handed on or put down; more work may follow. */
  readonly rest: () => Promise<void>;
}

/**
 * Workers of one chain that stop in a row, crashed or failed, before the job is stopped. A message is received at most 100 times;
 * after that its chain would be lost and the job would run for ever. Three units that kill their workers are given up before.
 */
export const MOST_CHAIN_ATTEMPTS = 80;

/** How long a message waits for the worker that sent it to release the chain, and how often it looks, milliseconds. */
const RELEASE_MS = 2_000;
const LOOK_MS = 100;
/** Longest delay of a message in SQS, seconds. */
const LONGEST_DELAY_SECONDS = 900;
/**
 * A chain that waits for capacity looks at the ledger after this long, seconds: its rate may have been raised meanwhile. A page
 * lasts for 20 s at most, so only a chain that rests for an exceptional reason, such as the debt left by a higher rate, comes early.
 */
const LONGEST_REST_SECONDS = 30;

/**
 * Handles one delivery of a message.
 * @throws the message has to come again: SluiceError CHAIN_HELD (`value`: until when, milliseconds since the epoch), CHAIN_LOST, or
 *   what a store or the driver failed with.
 */
export async function handleChainTurn(message: ChainTurn, options: ProtocolOptions): Promise<Handled> {
  const { jobs, ending, clock, units } = options;
  const job = await jobs.read(message.job);
  if (job === undefined || !belongs(message, job)) return "unknown";
  if (!isActive(job)) {
    await completeJob(job.id, { jobs, units, ending, clock });
    return "parked";
  }
  const { taken, chain } = await takeChain(job, message, options);
  if (taken) return new Turn(job, message, chain, options).run();
  if (message.turn < chain.turn) return "stale";
  throw new SluiceError("CHAIN_HELD", `chain ${message.chain} of job ${message.job} is held by another worker`, {
    value: chain.leaseUntil,
    retryable: true,
  });
}

/**
 * Takes the chain. A message of a later turn than the one its holder works on was sent by the holder, or by whoever resumed a job
 * that its holder knows as paused. In both cases the holder will probably release it soon, so this waits a moment.
 */
async function takeChain(
  { expiresAt }: Job,
  { job, chain, turn }: ChainTurn,
  { chains, clock, owner, leaseUntil: until }: ProtocolOptions,
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

/** Whether the message can be one of the job's. */
function belongs({ chain, turn, unit = 0 }: ChainTurn, { units, epoch }: Job): boolean {
  return chain < units && unit < units && turn < firstTurn(epoch + 1);
}

/** Whether a chain is one too many. Chain 0 never is: it goes on until all units have ended or are held by other workers. */
export function mayRetire(chain: number, { claimed, units, chains }: JobHead): boolean {
  return chain > 0 && chain >= chains && claimed < units;
}

function workersStop(times: number): string {
  const what = `Its workers stopped ${times} times one after the other before they could record why.`;
  return `${what} See the log of the worker function; more memory or a longer timeout may help.`;
}

/** One worker's turn at a chain it has taken. */
class Turn {
  private readonly lease: ChainLease;
  private readonly claims: Claims;
  private sourceIsSame = false;
  /** As last seen. */
  private head: JobHead;

  constructor(
    private readonly job: Job,
    { job: id, chain, turn, unit }: ChainTurn,
    private readonly record: Chain,
    private readonly options: ProtocolOptions,
  ) {
    this.lease = { job: id, chain, owner: options.owner, turn };
    this.claims = new Claims(job, unit, chain, { ...options, seen: (head) => this.see(head) });
    this.head = job;
    options.onHead(job);
  }

  private see(head: JobHead): void {
    this.head = head;
    this.options.onHead(head);
  }

  async run(): Promise<Handled> {
    const { clock, stopAt, onUnit } = this.options;
    const { attempts = 1 } = this.record;
    if (attempts > MOST_CHAIN_ATTEMPTS) return this.stopJob(workersStop(attempts - 1));
    const options = { ...this.options, sourceProblem: () => this.sourceProblem() };
    for (let late = false; ; late = true) {
      if (late && clock.now() >= stopAt) return this.handOn();
      const claim = await this.claims.next();
      if (claim.found === "inactive") return this.park();
      if (claim.found === "waits") return this.handOn({ at: claim.dueAt + 1_000 });
      if (claim.found === "nothing") return this.end(claim.tally);
      const { unit } = claim;
      const end = await new UnitWork(this.job, unit, this.lease.owner, late, options).run();
      onUnit(unit.number, end);
      const handled = await this.after(unit.number, end);
      if (handled !== undefined) return handled;
    }
  }

  /** Reads the source's identity only before the first unit. */
  private async sourceProblem(): Promise<string | undefined> {
    const problem = this.sourceIsSame ? undefined : await this.options.ending.sourceProblem(this.job);
    this.sourceIsSame = problem === undefined;
    return problem;
  }

  /** Acts on how a unit ended. Undefined: the chain goes on with the next unit. */
  private async after(unit: number, how: UnitEnd): Promise<Handled | undefined> {
    switch (how.end) {
      case "done":
      case "failed":
        this.claims.count(how.end);
        return undefined;
      case "lost":
      case "retried":
        return undefined;
      case "stopped":
        return this.putDown(unit, how.later);
      case "retired":
        return this.retire(unit);
      case "paused":
        return this.park(unit);
      case "fatal":
        return this.stopJob(how.why);
    }
  }

  /** A chain too many retires instead of handing on: it might rest for long before it finds out. */
  private async putDown(unit: number, later: number | undefined): Promise<Handled> {
    const retired = mayRetire(this.lease.chain, this.head) ? await this.retire(unit) : undefined;
    if (retired !== undefined) return retired;
    const soon = this.options.clock.now() + 1_000 * LONGEST_REST_SECONDS;
    return this.handOn({ at: later === undefined ? undefined : Math.min(later, soon), unit });
  }

  /** The next turn first: only then may the chain's turn rise, and only then is this message stale. */
  private async handOn({ at, unit }: { at?: number | undefined; unit?: number } = {}): Promise<Handled> {
    const { driver, clock, rest } = this.options;
    await rest();
    const { job, chain } = this.lease;
    const turn = this.nextTurn();
    const seconds = at === undefined ? 0 : Math.floor((at - clock.now()) / 1000);
    const delay = Math.min(LONGEST_DELAY_SECONDS, Math.max(0, seconds));
    await driver.dispatch([{ job, chain, turn, ...(unit === undefined ? {} : { unit }) }], delay);
    return this.release("continued", turn);
  }

  /**
   * Above the turn of the message that a resumption may have sent. That one would find the chain held at every receive, and end
   * as a dead letter.
   */
  private nextTurn(): number {
    return 1 + Math.max(this.lease.turn, firstTurn(this.job.epoch));
  }

  /** The job was paused, stopped, cancelled or has ended: whoever resumes it dispatches new turns. */
  private async park(unit?: number): Promise<Handled> {
    await this.options.rest();
    const now = await this.options.jobs.head(this.lease.job);
    if (now !== undefined && isActive(now)) return this.handOn(unit === undefined ? {} : { unit });
    await completeJob(this.job.id, this.options);
    return this.release("parked", this.lease.turn);
  }

  /** Called once the unit is put down. Another worker is certain to find it only while places are unclaimed. */
  private async retire(unit: number): Promise<Handled | undefined> {
    const head = await this.options.jobs.head(this.lease.job);
    if (head === undefined || !isActive(head)) return this.park(unit);
    this.see(head);
    return mayRetire(this.lease.chain, head) ? this.release("retired") : undefined;
  }

  /** Ends the job unless another worker holds a unit: that worker looks at all units after it. */
  private async end(tally: Tally): Promise<Handled> {
    if (hasEnded(tally, this.job)) await completeJob(this.job.id, this.options);
    return this.release("ended");
  }

  /** Stops the job first: a crash in between leaves this message, and its next receiver finds a failed job. */
  private async stopJob(reason: string): Promise<Handled> {
    const { jobs, clock } = this.options;
    await jobs.stop(this.job, reason, clock.now());
    await completeJob(this.job.id, this.options);
    return this.release("parked", this.lease.turn);
  }

  /** If the chain was lost, the message has to stay: its new holder may have taken the chain with this message. */
  private async release(handled: Handled, turn = this.lease.turn + 1): Promise<Handled> {
    const used = this.options.usage?.();
    const usage = used && addUsage(this.record.usage ?? {}, used);
    if (await this.options.chains.release(this.lease, turn, usage)) return handled;
    const { job, chain } = this.lease;
    const message = `chain ${chain} of job ${job} was taken by another worker`;
    throw new SluiceError("CHAIN_LOST", message, { retryable: true });
  }
}
