/**
 * One worker's dealings with the ledger: when to come, how much to ask for, what to give back.
 *
 * Fair share. A worker is owed `elapsed / workers` milliseconds of account time. What it is owed in whole requests it
 * reserves at the full horizon. What it is not owed it may still take when the ledger runs dry (see pace.ts), so that no
 * capacity is lost when workers die, idle or were counted wrong; it is then owed less than nothing, and others go first.
 * The same rule serves a worker whose share is a hundred requests a visit and one whose turn comes every two minutes.
 *
 * While the cost of a request is unknown, one worker at a time makes a single request with one second reserved for it.
 */
import type { Clock } from "../clock";
import { ActiveWorkers } from "./activeWorkers";
import type { CostEstimate } from "./costEstimate";
import type { Demand } from "./demand";
import type { Ledger, Reservation, ReserveRequest } from "./ledger";
import type { LedgerItem } from "./ledgerItem";
import { sameLimits } from "./limits";
import * as pace from "./pace";
import type { SliceAccount } from "./sliceAccount";

/** Extra slices a worker may take at one visit while the ledger runs dry. */
const MOST_EXTRAS = 3;
/** Less than this promised ahead means that capacity is being lost, milliseconds. */
const DRY_MS = 20;
const MOST_HASTE = 16;
/** Requests that cost at least this are so few that each one's true cost is told, milliseconds. */
const FEW_MS = 20;
/** Requests that cost at least this are so rare that a visit after each is no burden, milliseconds. */
const RARE_MS = 100;
/** Corrections smaller than this are left to the worker's own next reservation, milliseconds. */
const SMALLEST_CORRECTION_MS = 5;

export interface ReserverOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Between 0 and 1; spreads visits. */
  readonly random: () => number;
  readonly account: SliceAccount;
  readonly estimate: CostEstimate;
  readonly demand: Demand;
  /** Credit, limits or pause may have changed. */
  readonly changed: () => void;
  /** The ledger cannot be reached or is gone. The reserver goes on trying. */
  readonly failed: (error: unknown) => void;
}

export class Reserver {
  /** The ledger item as last seen; undefined before the first look. */
  item: LedgerItem | undefined;
  private readonly workers = new ActiveWorkers();
  private owed = 0;
  private owedAt = 0;
  /** When the next visit is planned; Infinity while dormant. */
  private nextAt = Number.POSITIVE_INFINITY;
  /** When the next counted slice should start: one period after the last one did. */
  private turnAt = Number.NEGATIVE_INFINITY;
  private visiting = false;
  private visitedAt = Number.NEGATIVE_INFINITY;
  private underWay: Promise<void> | undefined;
  /** Visits are this many times as frequent as the number of workers allows; above 1 while capacity lies idle. */
  private haste = 1;
  /** When the ledger item was last seen. */
  private seenAt = 0;
  private steady = false;
  /** The last reservation was granted from its own time on, as nothing was promised beyond. */
  private foundIdle = false;
  /** End of the last slice granted. */
  private grantedUntil = 0;
  /** For how many requests there is work, beyond those that credit is held for. */
  private wanted = 0;
  /** Requests wait, or had to wait, for the ledger. */
  private eager = false;
  private throttled = false;
  private readonly abort = new AbortController();

  constructor(private readonly options: ReserverOptions) {}

  /** Joins the other workers. First visits are spread, as a thousand workers may join at the same moment. */
  async join(): Promise<void> {
    const item = await this.options.ledger.join();
    this.see(item);
    this.owedAt = this.options.clock.now();
    if (this.abort.signal.aborted) return;
    this.visitAt(this.owedAt + pace.firstVisitMs(item.workers));
    this.options.changed();
  }

  /** There is work. */
  wake(): void {
    if (this.item !== undefined && this.nextAt === Number.POSITIVE_INFINITY && !this.visiting) {
      this.steady = false;
      const soonest = this.item.paused ? this.seenAt + pace.PAUSED_LOOK_MS : this.turnAt - pace.LEAD_MS;
      this.visitAt(Math.max(this.options.clock.now(), soonest));
    }
  }

  /** A request was throttled: told to the ledger at the next visit. */
  reportThrottle(): void {
    this.throttled = true;
  }

  /** Stops visiting, gives back what is held (what a visit under way still brings included) and counts this worker out. */
  async leave(): Promise<void> {
    this.abort.abort();
    await this.underWay;
    if (this.item === undefined) return;
    const { account, estimate, ledger } = this.options;
    const held = account.clear();
    const single = held > 0 && (estimate.ms ?? 0) >= FEW_MS;
    await ledger.leave(held, single ? this.grantedUntil : undefined);
  }

  /** A request is done. Where requests are few, its true cost is told to the others at once. */
  async settle(probed: boolean): Promise<void> {
    const { account, estimate, clock } = this.options;
    const cost = estimate.ms;
    if (cost === undefined || this.item === undefined || this.abort.signal.aborted) return;
    const whole = probed ? 0 : Math.max(0, Math.floor(account.held / cost + 0.1));
    const off = account.held - whole * cost;
    const small = Math.abs(off) < 0.05 * cost || cost < SMALLEST_CORRECTION_MS;
    if (!probed && (small || !this.crowded(cost))) return;
    const back = whole === 0 ? account.clear() : off;
    if (whole > 0) account.charge(off);
    this.owed += back;
    await this.attempt(async () => this.see(await this.options.ledger.adjust(-back, estimate.takeUntold())));
    // The others sleep by what was promised before: only this worker knows how little it is now.
    if (probed || (cost >= RARE_MS && back > 0)) this.visitAt(clock.now());
  }

  /** Credit this worker did not manage to spend in time; what a timer is late by does not count. */
  private behind(now: number): number {
    return Math.max(0, this.options.account.lag(now) - 0.1 * this.share());
  }

  /** Whether a fair share of one visit is less than one request. */
  crowded(cost: number): boolean {
    return this.share() < 1.2 * cost;
  }

  /** How far ahead this worker may reserve what it is not owed. */
  private horizon(): number {
    const cost = this.options.estimate.ms ?? 0;
    return pace.horizonFor(this.owed, Math.max(cost, this.share()), this.crowded(cost));
  }

  /** How long ago a slice may begin. */
  private past(): number {
    const cost = this.options.estimate.ms;
    return cost !== undefined && this.crowded(cost) ? pace.PAST_MS : 0;
  }

  /** Fair share of one visit, milliseconds of account time. */
  private share(): number {
    return pace.periodMs(this.workers.count) / this.workers.count;
  }

  private visitAt(at: number): void {
    if (this.abort.signal.aborted || at >= this.nextAt) return;
    this.nextAt = at;
    const { clock } = this.options;
    clock.sleep(Math.max(0, at - clock.now()), this.abort.signal).then(
      () => {
        if (this.nextAt === at && !this.visiting) this.underWay = this.visit();
      },
      () => undefined,
    );
  }

  private async visit(): Promise<void> {
    this.visiting = true;
    this.visitedAt = this.options.clock.now();
    this.nextAt = Number.NEGATIVE_INFINITY;
    const next = (await this.attempt(() => this.reserve())) ?? this.options.clock.now() + 1000;
    this.visiting = false;
    this.nextAt = Number.POSITIVE_INFINITY;
    if (Number.isFinite(next)) this.visitAt(next);
    this.options.changed();
  }

  /** One visit. Resolves to the time of the next one. */
  private async reserve(): Promise<number> {
    const { estimate, clock, demand, ledger } = this.options;
    const now = clock.now();
    this.accrue(now);
    await this.giveBack(now);
    if (this.item!.paused) this.see(await ledger.read());
    const { idle, eager } = demand.visit(now);
    if (idle) return this.rest();
    if (this.item!.paused) return this.nextVisit(false);
    this.eager = eager;
    this.wanted = pace.wantedRequests(demand.waiting, demand.pace(), pace.periodMs(this.workers.count));
    if (estimate.ms === undefined) return this.learnCost();
    return this.takeTurn(now, estimate.ms);
  }

  /** No work since the last visit: everything goes back, and no visit is planned until there is work again. */
  private async rest(): Promise<number> {
    const { account, estimate, ledger } = this.options;
    const least = Math.max(SMALLEST_CORRECTION_MS, 0.7 * (estimate.ms ?? 0));
    if (Math.abs(account.held) >= least) {
      const held = account.clear();
      this.owed += held;
      this.see(await ledger.adjust(-held));
    }
    return Number.POSITIVE_INFINITY;
  }

  private async takeTurn(now: number, cost: number): Promise<number> {
    const { account } = this.options;
    const crowded = this.crowded(cost);
    this.wanted = Math.max(0, this.wanted - pace.wholeRequests(account.held, cost, crowded));
    const { owed, wanted } = this;
    const state = { held: account.held, lag: this.behind(now), owed, estimate: cost, wanted, crowded };
    const fair = pace.spanToReserve(state);
    const horizon = this.horizon();
    if (fair > 0) return this.take(fair, Math.max(pace.mostHorizon(crowded), horizon), true);
    const supplied = crowded ? state.held >= pace.heldToStart(cost, true) : state.lag >= cost;
    // While the ledger runs dry, others do not take it: waiting for what is held would leave it idle.
    if (supplied && this.item!.until - now >= pace.lowMs(crowded)) return this.nextVisit(true);
    return this.take(pace.spanToReserve(state, 1), supplied ? Math.min(horizon, pace.lowMs(crowded)) : horizon, true);
  }

  /**
   * Cost unknown: the first of all workers makes a single request to find out; the others wait for it. A worker that comes
   * to a known cost starts with a share of random size, so that the rests of whole requests do not add up to a burst.
   */
  private async learnCost(): Promise<number> {
    const { clock, estimate, ledger, random } = this.options;
    if (this.item!.workers > 1) this.see(await ledger.read());
    if (estimate.ms !== undefined) {
      this.owed = this.share() * pace.FIRST_SHARE * (0.75 + 0.5 * random());
      return this.takeTurn(clock.now(), estimate.ms);
    }
    if (this.item!.workers <= 1 || this.item!.until < clock.now()) {
      await this.ask({ span: pace.PROBE_MS, horizon: 0, counted: true, costKnown: false });
    }
    return clock.now() + 25 + 25 * random();
  }

  private async take(span: number, horizon: number, counted: boolean): Promise<number> {
    if (span <= 0) return this.nextVisit(true);
    const result = await this.ask({ span: span + this.extra(span), horizon, counted });
    if (!result.granted) {
      this.haste = Math.max(1, this.haste / 2);
      return this.nextVisit(false);
    }
    const ahead = result.start - this.options.clock.now();
    const short = this.wanted - span / this.options.estimate.ms! >= 1;
    this.haste =
      short && ahead < DRY_MS - 0.7 * this.past() ? Math.min(MOST_HASTE, this.haste * 2) : Math.max(1, this.haste / 2);
    this.turnAt = result.start + pace.periodMs(this.workers.count / this.haste);
    if (counted) this.workers.turn(result.item, this.steady);
    this.steady = true;
    await this.takeExtras(result.item.until, this.wanted - span / this.options.estimate.ms!);
    this.hurry();
    return this.nextVisit(true);
  }

  /** One more request, where the ledger was seen running dry just now: saves the update of taking it afterwards. */
  private extra(span: number): number {
    const now = this.options.clock.now();
    const cost = this.options.estimate.ms!;
    const dry = this.item!.until + span < now + pace.lowMs(true) + 60;
    return dry && now - this.seenAt < 2 * DRY_MS && this.crowded(cost) && this.wanted * cost >= span + cost ? cost : 0;
  }

  /** Where little is promised ahead, others do not take what is left: comes back before it is used up. */
  private hurry(): void {
    const now = this.options.clock.now();
    const { until } = this.item!;
    if (!this.eager || until - now >= pace.LEAD_MS) return;
    const back = Math.max(now + pace.visitGapMs(this.workers.count), until - pace.LOW_MS);
    this.turnAt = Math.min(this.turnAt, back + pace.LEAD_MS);
  }

  /** While capacity lies idle, takes more than the fair share, up to `wanted` requests. */
  private async takeExtras(until: number, wanted: number): Promise<void> {
    const { clock, estimate } = this.options;
    for (let extra = 0; extra < MOST_EXTRAS; extra++) {
      const now = clock.now();
      const cost = estimate.ms!;
      const crowded = this.crowded(cost);
      const low = pace.lowMs(crowded);
      if (until - now >= low - (crowded ? 15 : 0)) return;
      const room = Math.min(low + 10 - (until - now), (1 << extra) * this.share());
      const requests = Math.min(crowded ? 1 : Math.floor(room / cost), Math.floor(wanted));
      if (requests < 1) return;
      const result = await this.ask({ span: requests * cost, horizon: low, counted: false });
      if (!result.granted) return;
      until = result.item.until;
      wanted -= requests;
    }
  }

  private async ask(request: Pick<ReserveRequest, "span" | "horizon" | "counted" | "costKnown">): Promise<Reservation> {
    const { account, estimate, clock, ledger } = this.options;
    const costs = estimate.takeUntold();
    const returned = account.takeVoided(clock.now(), 0);
    const now = clock.now();
    const past = this.past();
    const notes = { now, past, returned, expectIdle: this.expectsIdle(now), costs, workers: this.workers.correction };
    const result = await ledger.reserve({ ...request, ...notes });
    if (!result.granted) {
      estimate.putBack(costs);
      account.putBackVoided(returned);
    }
    this.see(result.item);
    this.foundIdle = result.granted && Math.abs(result.start - now) < 1;
    if (result.granted) {
      this.grantedUntil = result.item.until;
      this.owed -= request.span;
      this.options.account.grant(result.start, request.span);
      this.options.changed();
    }
    return result;
  }

  /** As it was found the last time; alone, a worker knows. */
  private expectsIdle(now: number): boolean {
    const wasIdle = now - this.seenAt < (this.foundIdle ? pace.LEAD_MS * 2 : 2 * DRY_MS);
    return this.item!.until < now - this.past() && (this.workers.count <= 1 || wasIdle);
  }

  private nextVisit(granted: boolean): number {
    const { clock, estimate, random } = this.options;
    const { until, paused } = this.item!;
    const now = clock.now();
    const workers = this.workers.count;
    const cost = estimate.ms ?? 0;
    const gap = pace.visitGapMs(workers) / this.haste;
    if (paused) return now + Math.max(pace.PAUSED_LOOK_MS, gap) * (0.75 + 0.25 * random());
    const turn = granted
      ? Math.max(this.turnAt - pace.LEAD_MS, this.visitedAt + gap)
      : now + gap * (0.25 + 0.5 * random());
    const poll = this.owed >= cost ? turn : Math.max(turn, now + gap * (0.5 + random()));
    const room = until - this.horizon() + Math.min(10, gap) * random();
    return Math.min(Math.max(now + 2, poll, room), now + pace.longestSleepMs(gap));
  }

  private see(item: LedgerItem): void {
    const { estimate } = this.options;
    if (this.item !== undefined && !sameLimits(this.item.limits, item.limits)) estimate.restart();
    estimate.see(item);
    this.item = item;
    this.seenAt = this.options.clock.now();
    this.workers.see(item);
  }

  private accrue(now: number): void {
    const share = this.share();
    const cost = this.options.estimate.ms ?? 0;
    this.owed += Math.max(0, now - this.owedAt) / this.workers.count;
    this.owedAt = now;
    this.owed = Math.max(-Math.max(2 * share, 3 * cost), Math.min(this.owed, 3 * Math.max(share, cost)));
  }

  private async giveBack(now: number): Promise<void> {
    const { account, ledger } = this.options;
    const voided = account.takeVoided(now, SMALLEST_CORRECTION_MS);
    if (voided > 0) this.see(await ledger.adjust(-voided));
    if (!this.throttled) return;
    this.throttled = false;
    this.see(await ledger.throttled(now, this.item!));
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!this.abort.signal.aborted) this.options.failed(error);
      return undefined;
    }
  }
}
