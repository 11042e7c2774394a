/**
 * The capacity limiter of one worker. Every request passes through it:
 *
 * ```ts
 * const ledger = new Ledger(new DynamoDbLedger({ client, table: "jobs", key: { pk: { S: "job-7#write" } } }));
 * const limiter = new CapacityLimiter({ ledger, clock: systemClock });
 * limiter.open({ deadline: Date.now() + context.getRemainingTimeInMillis() - 1000 });
 * const permit = await limiter.acquire({ signal });   // waits for its turn
 * const output = await send();                        // one attempt
 * permit.charge(consumptionOf(output.ConsumedCapacity));
 * await limiter.close();                              // gives back what is unspent
 * ```
 *
 * - Turns are first come, first served. Waiting ends with an error when the signal aborts or the deadline comes.
 * - A request in flight is accounted for by an estimate, corrected when it is charged with what it consumed.
 * - Debt is waited out before the next request starts.
 */
import type { Clock } from "../../clock";
import { SluiceError } from "../../errors";
import type { Ledger } from "../ledger/ledger";
import { factorAt } from "../ledger/throttle";
import { addConsumption, type Consumption, nothing } from "../metering/consumption";
import { type CapacityLimits, sameLimits } from "../metering/limits";
import { CostEstimate } from "./costEstimate";
import { Demand } from "./demand";
import { FullSecond } from "./fullSecond";
import { JointCost } from "./jointCost";
import { BLUR_MS, DELAY_MS, GRACE_MS, heldToStart, UNEVEN_BLUR_MS } from "./pace";
import { Reserver } from "./reserver";
import { SliceAccount } from "./sliceAccount";
import { WaitQueue } from "./waitQueue";

export interface CapacityLimiterOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Between 0 and 1. Default Math.random. */
  readonly random?: () => number;
  /** Opens the ledger with these limits if it does not exist yet. Without them a missing ledger is an error. */
  readonly limits?: CapacityLimits;
  /**
   * Whether requests wait while the ledger is paused, or are turned away with `capacity.paused`, for a caller that would
   * rather release its work. Default "wait".
   */
  readonly whenPaused?: "wait" | "reject";
  /**
   * Longest wait of a request, milliseconds. A request that can't start within this time is turned away with
   * `capacity.later`; the error's `value` is the time when it could start. The caller may end, and be woken at that time.
   * A worker that is woken, makes one request and closes costs two updates of the ledger. Default: requests wait for as
   * long as it takes.
   */
  readonly longestWaitMs?: number;
  /**
   * How long a worker without requests keeps its credit, milliseconds. A worker that saves a checkpoint, for example, soon
   * has its next request. If it gave its credit back, it would wait for more after each such pause, and capacity would be
   * lost. Default 0: an idle worker gives its credit back, for others to use.
   */
  readonly pauseMs?: number;
  /**
   * Called when the ledger cannot be reached. Requests wait meanwhile, and the limiter keeps trying. Default: does
   * nothing.
   */
  readonly onLedgerError?: (error: unknown) => void;
}

/** Permission for one attempt of one request. Exactly one of its methods is called when the attempt is over. */
export interface Permit {
  /** The attempt consumed this. */
  charge(consumption: Consumption): void;
  /** The attempt's consumption is unknown, for example after a timeout: the estimate stands. */
  keep(): void;
  /** The attempt consumed nothing: throttled, or refused before it reached the table. */
  release(): void;
}

export class CapacityLimiter {
  private session: Session | undefined;
  private limitsBefore: CapacityLimits | undefined;
  private waitedBefore = 0;

  constructor(private readonly options: CapacityLimiterOptions) {}

  /** The limits as last seen in the ledger, where an operator may change them; undefined before the first look. */
  get limits(): CapacityLimits | undefined {
    return this.session?.limits ?? this.limitsBefore;
  }

  /** Account time charged since `open`, milliseconds. */
  get spentMs(): number {
    return this.session?.spentMs ?? 0;
  }

  /** The consumption charged since `open`, in capacity units of the table and of each index. */
  get consumed(): Consumption {
    return this.session?.consumed ?? nothing;
  }

  /**
   * Time that requests waited for capacity since {@link open}, milliseconds. With several requests: the time in which at
   * least one waited and none ran. After {@link close} it stays.
   */
  get waitedMs(): number {
    return this.session?.waitedMs ?? this.waitedBefore;
  }

  /** Average duration of a request lately, without its wait for capacity, milliseconds; undefined while none is done. */
  get requestMs(): number | undefined {
    return this.session?.requestMs;
  }

  /**
   * Starts a stretch of work, such as a Lambda invocation. The first request joins the ledger, not this call. `deadline`:
   * milliseconds since the epoch after which no request is let through. Default: none.
   */
  open({ deadline = Number.POSITIVE_INFINITY }: { deadline?: number } = {}): void {
    if (this.session !== undefined)
      throw new SluiceError("capacity.open", "limiter: must be closed before it is opened");
    this.session = new Session(this.options, deadline);
  }

  /** Ends the stretch of work: turns waiting requests away and gives unspent capacity back. Safe to call twice. */
  async close(): Promise<void> {
    const session = this.session;
    this.limitsBefore = this.limits;
    this.waitedBefore = this.waitedMs;
    this.session = undefined;
    await session?.close();
  }

  /**
   * Waits for capacity. Rejects with the signal's reason, with `capacity.deadline` (retryable), `capacity.paused`
   * (retryable; see `whenPaused`), `capacity.later` (retryable; see `longestWaitMs`; `value`: when, milliseconds since the
   * epoch, by this machine's clock) or `capacity.closed`.
   */
  acquire(options: { signal?: AbortSignal } = {}): Promise<Permit> {
    if (this.session === undefined) {
      return Promise.reject(new SluiceError("capacity.closed", "limiter: must be open to let requests through"));
    }
    return this.session.acquire(options.signal);
  }

  /** A request was throttled: lowers the limit for all workers. */
  throttled(): void {
    this.session?.throttled();
  }
}

/**
 * How far a resource that few requests use may lie behind the others: this many requests of average cost, and this many
 * milliseconds over all workers, because it may exceed its limit by that. See jointCost.ts.
 */
const MOST_BEHIND = 3;
const MOST_BEHIND_MS = 200;

/** If a worker's first request takes longer than this, others follow, milliseconds. */
const LONGEST_ALONE_MS = 1_000;

interface AskedPermit extends Permit {
  /** The limits that were known when the permit was asked for. */
  asked: CapacityLimits | undefined;
}

class Session {
  private readonly account = new SliceAccount(DELAY_MS, GRACE_MS, () =>
    this.second.isUneven ? UNEVEN_BLUR_MS : BLUR_MS,
  );
  private readonly estimate = new CostEstimate();
  private readonly second = new FullSecond();
  private readonly joint = new JointCost();
  private readonly queue = new WaitQueue<AskedPermit>();
  private readonly timers = new AbortController();
  private readonly reserver: Reserver;
  private joined: Promise<void> | undefined;
  private wakeAt = Number.POSITIVE_INFINITY;
  private inFlight = 0;
  /** When the first of the requests in flight started. */
  private firstAt = 0;
  private readonly demand: Demand;
  private closed = false;
  /** Account time charged, milliseconds. */
  spentMs = 0;
  /** The same in capacity units. */
  consumed = nothing;

  constructor(
    private readonly options: CapacityLimiterOptions,
    private readonly deadline: number,
  ) {
    const { ledger, clock, random = Math.random, onLedgerError = () => undefined } = options;
    this.demand = new Demand(clock.now(), options.pauseMs);
    this.reserver = new Reserver({
      ledger,
      clock,
      random,
      account: this.account,
      estimate: this.estimate,
      demand: this.demand,
      countedLate: Number.isFinite(this.longestWaitMs),
      changed: () => this.look(),
      failed: onLedgerError,
    });
  }

  get limits(): CapacityLimits | undefined {
    return this.reserver.item?.limits;
  }

  get waitedMs(): number {
    return this.demand.heldUpMs(this.options.clock.now());
  }

  get requestMs(): number | undefined {
    return this.demand.requestMs;
  }

  private get longestWaitMs(): number {
    return this.options.longestWaitMs ?? Number.POSITIVE_INFINITY;
  }

  async acquire(signal?: AbortSignal): Promise<Permit> {
    const now = this.options.clock.now();
    if (now >= this.deadline) throw deadlineError(this.deadline);
    if (this.turnsAway()) {
      this.reserver.wake(false);
      throw pausedError();
    }
    this.demand.arrive(now);
    if (this.queue.size === 0 && this.dueAt(now) <= now) {
      const permit = this.start();
      this.countDemand();
      return permit;
    }
    this.joined ??= this.join();
    const { limits } = this;
    const turn = this.queue.wait(signal);
    turn.then(
      (permit) => {
        permit.asked = limits;
      },
      // A request that gives up or is turned away no longer counts as demand. Otherwise the worker would reserve for it
      // for ever.
      () => this.countDemand(),
    );
    this.demand.change(now, this.queue.size, this.inFlight);
    this.pump();
    return turn;
  }

  throttled(): void {
    this.reserver.reportThrottle();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.timers.abort();
    this.queue.rejectAll(new SluiceError("capacity.closed", "limiter: was closed while requests waited"));
    await this.joined;
    await this.reserver.leave(this.nextSession());
  }

  private async join(): Promise<void> {
    const { ledger, clock, limits, onLedgerError } = this.options;
    if (Number.isFinite(this.deadline)) this.endAtDeadline();
    try {
      if (limits !== undefined) await ledger.create(limits, clock.now());
      await this.reserver.join();
    } catch (error) {
      onLedgerError?.(error);
      this.queue.rejectAll(error);
      this.joined = undefined;
    }
  }

  private endAtDeadline(): void {
    const { clock } = this.options;
    clock.sleep(this.deadline - clock.now(), this.timers.signal).then(
      () => this.queue.rejectAll(deadlineError(this.deadline)),
      () => undefined,
    );
  }

  private turnsAway(): boolean {
    return this.options.whenPaused === "reject" && this.reserver.item?.paused === true;
  }

  /** After a look at the ledger. */
  private look(): void {
    if (this.turnsAway()) this.queue.rejectAll(pausedError());
    this.pump();
  }

  /** When the next request may start. A worker's first request goes alone: it shows what the others will cost. */
  private dueAt(now: number): number {
    if (this.reserver.item?.paused) return Number.POSITIVE_INFINITY;
    const { ms } = this.estimate;
    if (ms === undefined) return this.inFlight === 0 ? this.account.dueAt(now, 1) : Number.POSITIVE_INFINITY;
    const crowded = this.reserver.crowded(ms);
    const { few, workers } = this.reserver;
    const due = this.account.dueAt(now, ms, heldToStart(ms, crowded), few && !crowded ? workers : undefined);
    if (due === Number.POSITIVE_INFINITY) return due;
    const alone = this.inFlight > 0 && !this.estimate.knowsOwn ? this.firstAt + LONGEST_ALONE_MS : 0;
    return Math.max(alone, this.second.dueAt(due, ms));
  }

  private nextSession(): number | undefined {
    const { ms } = this.estimate;
    return ms === undefined ? undefined : this.second.nextSession(this.options.clock.now(), ms);
  }

  /** Turns all waiting requests away if the first cannot start soon. `due`: when it can start with the credit held. */
  private turnsAwayUntil(due: number, now: number): boolean {
    const startsAt = Number.isFinite(due) ? due : this.reserver.startsAt(now, this.nextSession());
    if (startsAt === undefined || startsAt - now <= this.longestWaitMs) return false;
    this.queue.rejectAll(laterError(startsAt));
    return true;
  }

  /** Starts whatever may start, and sets the alarm for the next. */
  private pump(): void {
    while (this.queue.size > 0 && !this.closed) {
      const now = this.options.clock.now();
      const due = this.dueAt(now);
      if (due > now) {
        if (this.turnsAwayUntil(due, now)) return;
        if (due < Number.POSITIVE_INFINITY) this.pumpAt(due, now);
        else this.reserver.wake(true);
        return;
      }
      this.queue.next(this.start());
      this.countDemand();
    }
  }

  private pumpAt(at: number, now: number): void {
    if (at >= this.wakeAt) return;
    this.wakeAt = at;
    this.options.clock.sleep(at - now, this.timers.signal).then(
      () => {
        if (this.wakeAt !== at) return;
        this.wakeAt = Number.POSITIVE_INFINITY;
        this.pump();
      },
      () => undefined,
    );
  }

  private start(): AskedPermit {
    const estimated = this.estimate.chargeAtStart;
    const now = this.options.clock.now();
    if (this.inFlight === 0) this.firstAt = now;
    this.account.charge(estimated, now);
    const started = this.second.start(now, estimated);
    this.inFlight++;
    this.reserver.wake(false);
    const finish = (actual: number) => {
      this.account.charge(actual - estimated, this.options.clock.now());
      this.second.end(started, actual);
      this.inFlight--;
      this.countDemand(1);
    };
    const end = (actual: number) => {
      finish(actual);
      this.pump();
    };
    const permit: AskedPermit = {
      asked: this.limits,
      charge: (consumption) => {
        const cost = this.costOf(consumption);
        this.spentMs += cost;
        this.consumed = addConsumption(this.consumed, consumption);
        const probed = this.estimate.ms === undefined;
        // A page that was requested under other limits has the size that suited those. So it doesn't predict the next
        // one.
        if (probed || this.areStill(permit.asked)) this.estimate.observe(cost);
        finish(cost);
        if (this.inFlight === 0 || probed) void this.reserver.settle(probed, this.second.isUneven);
        this.pump();
      },
      keep: () => end(estimated),
      release: () => end(0),
    };
    return permit;
  }

  private costOf(consumption: Consumption): number {
    const item = this.reserver.item!;
    const factor = factorAt(item, this.options.clock.now());
    const most = Math.min(MOST_BEHIND * (this.estimate.ms ?? 0), MOST_BEHIND_MS / this.reserver.workers);
    return this.joint.add(consumption, item.limits, factor, most);
  }

  private areStill(limits: CapacityLimits | undefined): boolean {
    return limits === undefined || this.limits === undefined || sameLimits(limits, this.limits);
  }

  private countDemand(finished = 0): void {
    this.demand.change(this.options.clock.now(), this.queue.size, this.inFlight, finished);
  }
}

function pausedError(): SluiceError {
  return new SluiceError("capacity.paused", "limiter: the ledger must not be paused, but it is", { retryable: true });
}

function laterError(startsAt: number): SluiceError {
  const message = "limiter: capacity must come free within the longest wait, but comes later";
  return new SluiceError("capacity.later", message, { value: startsAt, retryable: true });
}

function deadlineError(deadline: number): SluiceError {
  const message = "limiter: capacity must come free before the deadline, but did not";
  return new SluiceError("capacity.deadline", message, { value: deadline, retryable: true });
}
