/**
 * The protocol of a job's work: who works on which unit, and how work passes from one invocation to the next.
 *
 *   message n of chain c ─► take the chain (lease, turn n) ─► unit ► unit ► … ─► send message n+1 ─► release the chain (turn n+1)
 *                                                                                                   ─► delete message n
 *   a unit ─► take (lease) ► page ► checkpoint ► page … ─► done, failed, or put down for its next worker
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
 *   checks that places are still unclaimed: the worker that claims the last place looks at all units afterwards.
 * - An error that no unit can get past (the table is gone, access is denied) stops the whole job with one reason: its record
 *   is failed and its ledgers are paused in one step. Its workers then put their units down, as after a pause.
 * - A chain whose workers stop again and again without putting it down fails the job too. Otherwise its message would become
 *   a dead letter.
 * - Workers of a job that is paused, cancelled or over delete their messages. Resuming starts a new epoch: it sends a message for
 *   each chain, with a turn above all that earlier epochs can have reached.
 */
import type { ChainTurn, Driver } from "../drivers/driver";
import { SluiceError } from "../errors";
import type { Chain } from "../jobs/chain";
import { isActive, type Job, type JobHead } from "../jobs/job";
import { Claims } from "./claims";
import { completeJob } from "./completion";
import { type ChainWorkOptions, HeldChain, restsUntil, takeChain } from "./heldChain";
import { tablesCheck } from "./tablesCheck";
import { hasEnded, type Tally } from "./tally";
import { firstTurn } from "./turns";
import { type UnitEnd, UnitWork } from "./unitWork";

/**
 * The outcome of a message; with each of these it may be deleted. `ended`: this chain has nothing left to do; `continued`:
 * the chain's next message was sent.
 */
export type Handled = "ended" | "continued" | "retired" | "stale" | "parked" | "unknown";

export interface ProtocolOptions extends ChainWorkOptions {
  readonly driver: Driver;
  /** When no further unit is begun, milliseconds since the epoch. */
  readonly stopAt: number;
  /** Called with the job's head whenever it was read. */
  readonly onHead: (head: JobHead) => void;
}

/** Longest delay of a message in SQS, seconds. */
const LONGEST_DELAY_SECONDS = 900;

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

/** Whether the message can be one of the job's. */
function belongs({ chain, turn, unit = 0 }: ChainTurn, { units, epoch }: Job): boolean {
  return chain < units && unit < units && turn < firstTurn(epoch + 1);
}

/** Whether a chain is one too many. Chain 0 never is: it goes on until all units have ended or are held by other workers. */
export function mayRetire(chain: number, { claimed, units, chains }: JobHead): boolean {
  return chain > 0 && chain >= chains && claimed < units;
}

/** One worker's turn at a chain it has taken. */
class Turn {
  private readonly held: HeldChain;
  private readonly claims: Claims;
  /** As last seen. */
  private head: JobHead;

  constructor(
    private readonly job: Job,
    { chain, unit }: ChainTurn,
    record: Chain,
    private readonly options: ProtocolOptions,
  ) {
    this.held = new HeldChain(job, record, options);
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
    const { tooManyAttempts } = this.held;
    if (tooManyAttempts !== undefined) return this.stopJob(tooManyAttempts);
    const options = { ...this.options, tablesProblem: tablesCheck(this.options.ending) };
    for (let late = false; ; late = true) {
      if (late && clock.now() >= stopAt) return this.handOn();
      const claim = await this.claims.next();
      if (claim.found === "inactive") return this.park();
      if (claim.found === "waits") return this.handOn({ at: claim.dueAt + 1_000 });
      if (claim.found === "nothing") return this.end(claim.tally);
      const { unit } = claim;
      const end = await new UnitWork(this.job, unit, this.options.owner, late, options).run();
      onUnit(unit.number, end);
      const handled = await this.after(unit.number, end);
      if (handled !== undefined) return handled;
    }
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

  /**
   * A surplus chain retires instead of handing on. Otherwise it might wait for long before it notices that it is
   * surplus.
   */
  private async putDown(unit: number, later: number | undefined): Promise<Handled> {
    const retired = mayRetire(this.held.lease.chain, this.head) ? await this.retire(unit) : undefined;
    if (retired !== undefined) return retired;
    return this.handOn({ at: later === undefined ? undefined : restsUntil(later, this.options.clock.now()), unit });
  }

  /** The next turn first: only then may the chain's turn rise, and only then is this message stale. */
  private async handOn({ at, unit }: { at?: number | undefined; unit?: number } = {}): Promise<Handled> {
    const { driver, clock, rest } = this.options;
    await rest();
    const { job, chain } = this.held.lease;
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
    return 1 + Math.max(this.held.lease.turn, firstTurn(this.job.epoch));
  }

  /** The job was paused, stopped or cancelled, or has ended. If it is resumed, new turns are dispatched. */
  private async park(unit?: number): Promise<Handled> {
    const active = (await this.held.activeAgain()) !== undefined;
    if (active) return this.handOn(unit === undefined ? {} : { unit });
    return this.release("parked", this.held.lease.turn);
  }

  /** Called once the unit is put down. Another worker is certain to find it only while places are unclaimed. */
  private async retire(unit: number): Promise<Handled | undefined> {
    const head = await this.options.jobs.head(this.job.id);
    if (head === undefined || !isActive(head)) return this.park(unit);
    this.see(head);
    return mayRetire(this.held.lease.chain, head) ? this.release("retired") : undefined;
  }

  /** Ends the job unless another worker holds a unit: that worker looks at all units after it. */
  private async end(tally: Tally): Promise<Handled> {
    if (hasEnded(tally, this.job)) await completeJob(this.job.id, this.options);
    return this.release("ended");
  }

  private async stopJob(reason: string): Promise<Handled> {
    await this.held.stopJob(reason);
    return this.release("parked", this.held.lease.turn);
  }

  /** If the chain was lost, the message has to stay: its new holder may have taken the chain with this message. */
  private async release(handled: Handled, turn = this.held.lease.turn + 1): Promise<Handled> {
    if (await this.held.release(turn)) return handled;
    const { job, chain } = this.held.lease;
    const message = `chain ${chain} of job ${job} was taken by another worker`;
    throw new SluiceError("CHAIN_LOST", message, { retryable: true });
  }
}
