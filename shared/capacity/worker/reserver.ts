/**
 * How one worker uses the ledger: when to visit, how much to reserve, what to give back.
 *
 * A worker reserves the whole requests that it is owed (see fairShare.ts) at the full horizon, as far as it has work for them
 * (see demand.ts). It may take more when the ledger runs dry (see pace.ts), so that no capacity is lost if workers die, are
 * idle or were miscounted. The same rule serves a worker whose share is a hundred requests per visit and one whose turn comes
 * every two minutes.
 *
 * While the cost of a request is unknown, only one worker at a time makes a request, with one second reserved for it.
 */
import type { Clock } from "../../clock";
import type { Ledger, Reservation } from "../ledger/ledger";
import type { LedgerItem } from "../ledger/ledgerItem";
import type { CostEstimate } from "./costEstimate";
import type { Demand } from "./demand";
import { FairShare } from "./fairShare";
import { FEW_MS, LedgerView } from "./ledgerView";
import * as pace from "./pace";
import type { SliceAccount } from "./sliceAccount";
import { Visits } from "./visits";

/** Extra slices a worker may take at one visit while the ledger runs dry. */
const MOST_EXTRAS = 3;
/** Less than this promised ahead means that capacity is being lost, milliseconds. */
const DRY_MS = 20;
const MOST_HASTE = 16;
/** If this part of a share was taken, one of them has come. */
const SHARE_TAKEN = 0.7;
/** Requests that cost at least this are so rare that a visit after each is no burden, milliseconds. */
const RARE_MS = 100;
/** Requests that cost at least this are reserved one by one, milliseconds: no second may hold two. */
const SINGLE_MS = 1000;
/** If a request costs less than its estimate by this part of it, the remainder is a good part of the next request. */
const SMALLER = 0.2;
/** Corrections smaller than this are left to the worker's own next reservation, milliseconds. */
const SMALLEST_CORRECTION_MS = 5;
/** A worker that catches up slowly may be this late without being too slow for its share, milliseconds. */
const CATCHING_UP_MS = 100;
/** A worker that catches up slowly counts as late if it is this far behind, milliseconds. */
const LATE_MS = 60;

export interface ReserverOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Between 0 and 1; spreads visits. */
  readonly random: () => number;
  readonly account: SliceAccount;
  readonly estimate: CostEstimate;
  readonly demand: Demand;
  /** Counts this worker in with its first reservation, not before: a worker that finds nothing to reserve writes nothing. */
  readonly countedLate: boolean;
  /** Called when credit, limits or the pause may have changed. */
  readonly changed: () => void;
  /** Called when the ledger cannot be reached or is gone. The reserver keeps trying. */
  readonly failed: (error: unknown) => void;
}

export class Reserver {
  readonly #options: ReserverOptions;
  readonly #fair = new FairShare();
  readonly #view: LedgerView;
  readonly #visits: Visits;
  /** When the next counted slice should start: one period after the last one did. */
  #turnAt = Number.NEGATIVE_INFINITY;
  /** Visits are this many times as frequent as the number of workers allows; above 1 while capacity lies idle. */
  #haste = 1;
  #steady = false;
  /** With few workers: check whether the others come in time, before the slice reserved last is used up. */
  #unchecked = false;
  /** The others didn't come in time. */
  #missed = false;
  /** For how many requests there is work, beyond those that credit is held for. */
  #wanted = 0;
  /** Requests wait, or had to wait, for the ledger. */
  #eager = false;
  /** True if the last visit found nothing to reserve. */
  #content = false;
  #throttled = false;
  /** Visits in a row that did not reach the ledger. */
  #failures = 0;
  /** When the slice of a request of unknown cost began. */
  #probedFrom = 0;
  /** Credit on its way back to the ledger, which still counts it as promised, milliseconds of account time. */
  #returning = 0;

  constructor(options: ReserverOptions) {
    this.#options = options;
    this.#view = new LedgerView({ ...options, fair: this.#fair });
    this.#visits = new Visits(options.clock, () => this.#visit(), options.changed);
  }

  /** The ledger item as last seen; undefined before the first look. */
  get item(): LedgerItem | undefined {
    return this.#view.item;
  }

  /** How many workers share the limit, at least 1. */
  get workers(): number {
    return this.#fair.workers.count;
  }

  /** Whether the workers are few (see pace.ts). */
  get few(): boolean {
    return this.#fair.few;
  }

  /** Joins the other workers. First visits are spread, as a thousand workers may join at the same moment. */
  async join(): Promise<void> {
    const item = this.#options.countedLate ? await this.#view.look() : await this.#view.join();
    const now = this.#options.clock.now();
    this.#fair.start(now);
    if (this.#visits.stopped) return;
    this.#visits.plan(now + pace.firstVisitMs(item.workers));
    this.#options.changed();
  }

  /** There is work. `starved`: and there is no credit for it. */
  wake(starved: boolean): void {
    if (this.item === undefined) return;
    const now = this.#options.clock.now();
    if (this.#visits.dormant) {
      this.#steady = false;
      const soonest = this.item.paused ? this.#view.seenAt + pace.PAUSED_LOOK_MS : this.#turnAt - pace.LEAD_MS;
      this.#visits.plan(Math.max(now, soonest));
    } else if (starved && this.#content) {
      this.#visits.plan(Math.max(now, this.#visits.beganAt + pace.visitGapMs(this.workers)));
    }
  }

  /**
   * When a request that has to wait for the ledger could start, milliseconds since the epoch; undefined while unknown.
   * `notBefore`: for a lone worker.
   */
  startsAt(now: number, notBefore = now): number | undefined {
    if (this.item === undefined || this.item.paused) return undefined;
    const { account, estimate } = this.#options;
    const slice = Math.max(this.item.until, now - this.#view.past());
    if (estimate.ms === undefined) return slice;
    const startsAt = slice + pace.DELAY_MS - account.held - this.#returning;
    return this.workers === 1 ? Math.max(startsAt, notBefore) : startsAt;
  }

  /** A request was throttled: the next visit reports it to the ledger. */
  reportThrottle(): void {
    this.#throttled = true;
  }

  /**
   * Stops visiting, gives back all unspent credit (also that of a visit under way) and counts this worker out.
   * `notBefore`: when the next request of a worker that follows this one may start.
   */
  async leave(notBefore?: number): Promise<void> {
    await this.#visits.stop();
    if (this.item !== undefined) await this.#view.leave(notBefore);
  }

  /** Called once no request is under way any more. Reports true costs at once if the others have to know them. */
  async settle(probed: boolean, uneven: boolean): Promise<void> {
    const cost = this.#options.estimate.ms;
    if (cost === undefined || this.item === undefined || this.#visits.stopped) return;
    if (probed || this.#fair.crowded(cost)) await this.#settleRequest(probed, cost);
    else if (uneven && this.#fair.few) await this.#settleSlice(cost);
  }

  /** If requests are few, the difference between estimate and true cost. */
  async #settleRequest(probed: boolean, cost: number): Promise<void> {
    const { account, clock } = this.#options;
    const whole = probed || cost >= SINGLE_MS ? 0 : Math.max(0, Math.floor(account.held / cost + 0.1));
    const off = account.held - whole * cost;
    const small = Math.abs(off) < 0.05 * cost || cost < SMALLEST_CORRECTION_MS;
    // A lone worker corrects its promise with its next reservation, unless that reservation would come seconds too late.
    const canWait = this.workers === 1 && !(cost >= SINGLE_MS && off >= SMALLER * cost);
    if (!probed && (small || canWait)) return;
    const back = whole === 0 ? account.clear() : off;
    if (whole > 0) account.charge(off, clock.now());
    await this.#correct(probed ? back - this.#keepSinceProbe(back, cost) : back);
    // The others sleep according to the earlier promise: only this worker knows how little is promised now.
    if (probed || (cost >= RARE_MS && back > 0)) this.#visits.plan(clock.now());
  }

  /**
   * Keeps what accrued while the cost of a request was found out: nobody else can spend it any more. Other workers spend their
   * slices `DELAY_MS` later on average, so beside them it is at most as much.
   * @param held the credit that was taken out of the account. The part that is kept goes back into it.
   */
  #keepSinceProbe(held: number, cost: number): number {
    const { account, clock } = this.#options;
    const now = clock.now();
    const most = this.workers === 1 ? pace.PROBE_MS : pace.DELAY_MS;
    const kept = Math.max(0, Math.min(held, now - this.#probedFrom - cost, most));
    if (kept === 0 || !this.#fair.few || cost >= FEW_MS || this.#fair.crowded(cost)) return 0;
    account.grant(now - kept - cost, kept + cost);
    account.charge(cost, now);
    return kept;
  }

  /**
   * Once a slice is used up: what is left of it, or the debt. The next reservation would make up for it too, but only after up
   * to a second. Until then, a second could exceed the limit by what all workers had overspent at its beginning.
   */
  async #settleSlice(cost: number): Promise<void> {
    const { account, clock } = this.#options;
    const left = account.heldOfBegun(clock.now());
    const usedUp = left < pace.heldToStart(cost, false);
    if (!usedUp || this.workers === 1) return;
    if (Math.abs(left) < Math.max(SMALLEST_CORRECTION_MS, SMALLER * cost)) return;
    account.charge(left, clock.now());
    await this.#correct(left);
  }

  async #correct(back: number): Promise<void> {
    this.#fair.owed += back;
    this.#returning += back;
    await this.#attempt(() => this.#view.giveBack(back));
    this.#returning -= back;
  }

  /**
   * Credit that this worker did not manage to spend in time. A timer's delay does not count, nor what the worker is still
   * catching up on. Nobody else would take what a lone worker that catches up doesn't reserve.
   */
  #behind(lag: number): number {
    const { account } = this.#options;
    if (account.slowly && this.workers === 1) return 0;
    return Math.max(0, lag - (account.slowly ? CATCHING_UP_MS : 0) - 0.1 * this.#fair.ofVisit);
  }

  /** Whether a fair share of one visit is less than about one request. */
  crowded(cost: number): boolean {
    return this.#fair.crowded(cost);
  }

  async #visit(): Promise<number> {
    const next = await this.#attempt(() => this.#reserve());
    this.#failures = next === undefined ? this.#failures + 1 : 0;
    return next ?? this.#options.clock.now() + pace.retryMs(this.#failures, this.#options.random());
  }

  /** Resolves to the time of the next visit. */
  async #reserve(): Promise<number> {
    const { estimate, clock, demand } = this.#options;
    const now = clock.now();
    this.#fair.accrue(now, estimate.ms ?? 0);
    this.#content = false;
    await this.#giveBack(now);
    if (this.item!.paused) {
      demand.suspend();
      await this.#view.look();
    }
    const { idle, eager } = demand.visit(now);
    if (idle) return this.#rest();
    if (this.item!.paused) return this.#nextVisit(false);
    this.#eager = eager;
    const { ms: cost = 0 } = estimate;
    this.#fair.steadiness.spends(demand.pace() * cost, this.workers, cost);
    this.#wanted = pace.wantedRequests(demand.waiting, demand.pace(), this.#fair.periodMs, this.#fair.ofVisit);
    if (estimate.ms === undefined) return this.#learnCost();
    if (this.#unchecked && (await this.#othersCame(now))) return this.#nextVisit(true);
    return this.#takeTurn(clock.now(), estimate.ms);
  }

  /** Visits before its turn, if no other worker seems to have reserved behind it. */
  async #othersCame(now: number): Promise<boolean> {
    this.#unchecked = false;
    if (now >= this.#turnAt - pace.LEAD_MS) return false;
    const { until } = await this.#view.look();
    this.#missed = until - this.#options.clock.now() <= pace.LOW_MS;
    this.#unchecked = !this.#missed && until - this.#view.grantedUntil < SHARE_TAKEN * this.#fair.ofVisit;
    return !this.#missed;
  }

  /** No work since the last visit: everything goes back, and no visit is planned until there is work again. */
  async #rest(): Promise<number> {
    const { account, demand, estimate } = this.#options;
    demand.rest();
    const least = Math.max(SMALLEST_CORRECTION_MS, 0.7 * (estimate.ms ?? 0));
    if (Math.abs(account.held) >= least) {
      this.#fair.owed += await this.#view.giveBackAll();
    }
    return Number.POSITIVE_INFINITY;
  }

  async #takeTurn(now: number, cost: number): Promise<number> {
    const { account } = this.#options;
    const crowded = this.#fair.crowded(cost);
    const lag = account.lag(now);
    const late = account.slowly ? Math.max(0, lag) : 0;
    if (late > LATE_MS && this.workers > 1) this.#fair.steadiness.late(now);
    // What it spends late comes on top of what it will spend in time.
    this.#wanted = Math.max(0, this.#wanted - pace.wholeRequests(account.held - late, cost, crowded));
    const wanted = this.#wanted;
    const state = {
      held: account.held,
      lag: this.#behind(lag),
      owed: this.#fair.ofTurn(cost),
      estimate: cost,
      wanted,
      crowded,
    };
    const owed = pace.spanToReserve(state);
    const horizon = this.#fair.horizon(cost);
    if (owed > 0) return this.#take(owed, Math.max(this.#fair.mostHorizon(crowded), horizon));
    const supplied = crowded ? state.held >= pace.heldToStart(cost, true) : state.lag >= cost;
    // While the ledger runs dry, others do not take the remaining capacity, and it would stay idle if this worker waited
    // for its held credit.
    const low = pace.lowMs(crowded);
    if (supplied && this.item!.until - now >= low) return this.#nextVisit(true);
    return this.#take(pace.spanToReserve(state, 1), supplied ? Math.min(horizon, low) : horizon);
  }

  /**
   * Cost unknown: the first of all workers makes a single request to find out; the others wait for it.
   */
  async #learnCost(): Promise<number> {
    const { clock, estimate, random } = this.#options;
    if (this.item!.workers > 1) await this.#view.look();
    if (estimate.ms !== undefined) {
      this.#fair.startRandomly(random);
      return this.#takeTurn(clock.now(), estimate.ms);
    }
    if (this.item!.until < clock.now()) {
      const probe = await this.#ask({ span: pace.PROBE_MS, horizon: 0, counted: true, costKnown: false });
      if (probe.granted) this.#probedFrom = probe.start;
    }
    return clock.now() + 25 + 25 * random();
  }

  async #take(span: number, horizon: number): Promise<number> {
    if (span <= 0) return this.#wait();
    if (this.#fair.few && (this.#beyond(horizon) || this.#stale())) {
      await this.#view.look();
      if (this.#beyond(horizon)) return this.#nextVisit(false);
    }
    const result = await this.#ask({ span: span + this.#extra(span), horizon, counted: true });
    const unmet = this.#wanted - span / this.#options.estimate.ms!;
    this.#hasten(result, unmet >= 1);
    if (!result.granted) return this.#nextVisit(false);
    this.#adaptPeriod(result);
    this.#turnAt = result.start + this.#untilNextTurn(span, unmet < 1);
    this.#fair.workers.turn(result.item, this.#steady);
    this.#steady = true;
    await this.#takeExtras(result.item.until, unmet);
    this.#hurry();
    return this.#nextVisit(true);
  }

  /** By the last look, more than that is promised. A look is cheaper than a reservation that is refused. */
  #beyond(horizon: number): boolean {
    return this.item!.until > this.#options.clock.now() + horizon;
  }

  /** If all come for single requests, another worker was probably quicker. */
  #stale(): boolean {
    const { estimate, clock } = this.#options;
    return this.workers > 1 && this.#fair.crowded(estimate.ms!) && !this.#view.fresh(clock.now());
  }

  /** Nothing to reserve. It still looks at the ledger now and then, because an operator may have changed something. */
  async #wait(): Promise<number> {
    const { clock } = this.#options;
    if (clock.now() - this.#view.seenAt >= pace.LOOK_MS) await this.#view.look();
    this.#content = true;
    return Math.max(this.#nextVisit(true), clock.now() + pace.CONTENT_MS);
  }

  /** Visits more often while capacity is lost for lack of visits, and less often when others are quicker. */
  #hasten(result: Reservation, short: boolean): void {
    const soon = result.granted && result.start - this.#options.clock.now() < DRY_MS - 0.7 * this.#view.past();
    // A slice of an idle ledger begins now, although one behind a promise may have begun earlier.
    const dry = soon || this.#view.foundIdle;
    this.#haste = dry && short ? Math.min(MOST_HASTE, this.#haste * 2) : Math.max(1, this.#haste / 2);
  }

  /** How long after the start of a slice of `span` the next one should start: when it is used up, and the others' too. */
  #untilNextTurn(span: number, enough: boolean): number {
    const { count } = this.#fair.workers;
    const shortest = pace.periodMs(count / this.#haste);
    if (!this.#fair.few || this.#fair.crowded(this.#options.estimate.ms!)) return shortest;
    const used = Math.min(span * count, 1.5 * this.#fair.periodMs);
    return Math.max(enough ? shortest : pace.visitGapMs(count), used);
  }

  /** Visits less often while all is well: work waits, and the others take their shares in time. */
  #adaptPeriod({ start }: { start: number }): void {
    const { steadiness, workers } = this.#fair;
    const now = this.#options.clock.now();
    const cost = this.#options.estimate.ms!;
    const ahead = start - now;
    if (this.#haste > 1 || !this.#eager || !this.#steady || this.#fair.crowded(cost)) steadiness.stir();
    else if (this.#missed || ahead < DRY_MS - this.#view.past()) steadiness.hasten();
    else {
      steadiness.calm(now);
      this.#fair.evenOut();
    }
    this.#missed = false;
    this.#unchecked = workers.count > 1 && this.#fair.few;
  }

  /** Reserves one more request if the last look showed that the ledger runs dry. This saves a later update for it. */
  #extra(span: number): number {
    const now = this.#options.clock.now();
    const cost = this.#options.estimate.ms!;
    if (!this.#fair.crowded(cost) || !this.#view.fresh(now) || this.#wanted * cost < span + cost) return 0;
    return this.item!.until + span < now + DRY_MS ? cost : 0;
  }

  /**
   * If little is promised ahead, the others do not take the rest. So this worker comes back before the promise is used
   * up.
   */
  #hurry(): void {
    const now = this.#options.clock.now();
    const { until } = this.item!;
    if (!this.#eager || until - now >= pace.LEAD_MS) return;
    const back = Math.max(now + pace.visitGapMs(this.workers), until - pace.LOW_MS);
    this.#turnAt = Math.min(this.#turnAt, back + pace.LEAD_MS);
  }

  /** While capacity lies idle, takes more than the fair share, up to `wanted` requests. */
  async #takeExtras(until: number, wanted: number): Promise<void> {
    const { clock, estimate } = this.#options;
    for (let extra = 0; extra < MOST_EXTRAS; extra++) {
      const now = clock.now();
      const cost = estimate.ms!;
      const crowded = this.#fair.crowded(cost);
      const low = pace.lowMs(crowded);
      // If all come for single requests, another worker is probably quicker, so it must be worth at least this much.
      if (until - now >= low - (crowded ? 15 : 0)) return;
      const room = Math.min(low + 10 - (until - now), (1 << extra) * this.#fair.ofVisit);
      const requests = Math.min(crowded ? 1 : Math.floor(room / cost), Math.floor(wanted));
      if (requests < 1) return;
      const result = await this.#ask({ span: requests * cost, horizon: low, counted: false });
      if (!result.granted) return;
      until = result.item.until;
      wanted -= requests;
    }
  }

  async #ask(request: Parameters<LedgerView["reserve"]>[0]): Promise<Reservation> {
    const result = await this.#view.reserve(request);
    if (!result.granted) return result;
    this.#options.changed();
    return result;
  }

  #nextVisit(granted: boolean): number {
    const { clock, estimate, random } = this.#options;
    const { until, paused } = this.item!;
    const now = clock.now();
    const cost = estimate.ms ?? 0;
    const gap = pace.visitGapMs(this.workers) / this.#haste;
    if (paused) return now + Math.max(pace.PAUSED_LOOK_MS, gap) * (0.75 + 0.25 * random());
    const turn = granted
      ? Math.max(this.#turnAt - pace.LEAD_MS, this.#visits.beganAt + gap)
      : now + gap * (0.25 + 0.5 * random());
    const poll = this.#fair.owed >= cost ? turn : Math.max(turn, now + gap * (0.5 + random()));
    if (this.#unchecked && granted && !this.#fair.crowded(cost))
      return Math.max(now + 2, Math.min(turn, until - pace.CHECK_MS));
    const room = until - this.#fair.horizon(cost) + Math.min(10, gap) * random();
    return Math.min(Math.max(now + 2, poll, room), now + pace.longestSleepMs(gap, this.#fair.few));
  }

  async #giveBack(now: number): Promise<void> {
    const voided = this.#options.account.takeVoided(now, SMALLEST_CORRECTION_MS);
    if (voided > 0) await this.#view.giveBack(voided);
    if (!this.#throttled) return;
    this.#throttled = false;
    await this.#view.reportThrottle(now);
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!this.#visits.stopped) this.#options.failed(error);
      return undefined;
    }
  }
}
