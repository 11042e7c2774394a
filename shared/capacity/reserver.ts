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
/** Corrections smaller than this are left to the worker's own next reservation, milliseconds. */
const SMALLEST_CORRECTION_MS = 5;

export interface ReserverOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Between 0 and 1; spreads visits. */
  readonly random: () => number;
  readonly account: SliceAccount;
  readonly estimate: CostEstimate;
  /** Requests started since the last call, and requests that wait. */
  readonly demand: () => { started: number; waiting: number };
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
  /** Visits are this many times as frequent as the number of workers allows; above 1 while capacity lies idle. */
  private haste = 1;
  /** When the ledger item was last seen. */
  private seenAt = 0;
  private steady = false;
  /** For how many requests there is work until the next visit. */
  private wanted = 0;
  /** Requests wait, or had to wait, for the ledger. */
  private eager = false;
  /** A request had to wait for the ledger since the last visit. */
  private starved = false;
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

  /** There is work. `starved`: and no credit for it. */
  wake(starved: boolean): void {
    this.starved ||= starved;
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

  /** Stops visiting, gives back what is held and counts this worker out. */
  async leave(): Promise<void> {
    this.abort.abort();
    if (this.item !== undefined) await this.options.ledger.leave(this.options.account.clear());
  }

  /** A request is done. Where requests are few, its true cost is told to the others at once. */
  async settle(probed: boolean): Promise<void> {
    const { account, estimate, clock } = this.options;
    const cost = estimate.ms;
    if (cost === undefined || this.item === undefined || this.abort.signal.aborted) return;
    const whole = probed ? 0 : pace.wholeRequests(account.held, cost, true);
    const off = account.held - whole * cost;
    const small = Math.abs(off) < (cost < FEW_MS ? 0.4 : 0.05) * cost || cost < SMALLEST_CORRECTION_MS;
    if (!probed && (small || !this.crowded(cost))) return;
    if (whole === 0) account.clear();
    else account.charge(off);
    this.owed += off;
    await this.attempt(async () => this.see(await this.options.ledger.adjust(-off, estimate.takeUntold())));
    if (probed) this.visitAt(clock.now());
  }

  /** Credit this worker did not manage to spend in time; what a timer is late by does not count. */
  private behind(now: number): number {
    return Math.max(0, this.options.account.lag(now) - 0.1 * this.share());
  }

  /** Whether a fair share of one visit is less than one request. */
  crowded(cost: number): boolean {
    return this.share() < cost;
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
        if (this.nextAt === at) void this.visit();
      },
      () => undefined,
    );
  }

  private async visit(): Promise<void> {
    if (this.visiting) return;
    this.visiting = true;
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
    const { started, waiting } = demand();
    if (started + waiting === 0) return Number.POSITIVE_INFINITY;
    if (this.item!.paused) return this.nextVisit(false);
    this.wanted = pace.wantedRequests(started, waiting, this.starved);
    this.eager = this.starved || waiting > 0;
    this.starved = false;
    if (estimate.ms === undefined) return this.learnCost();
    return this.takeTurn(now, estimate.ms);
  }

  private async takeTurn(now: number, cost: number): Promise<number> {
    const { account } = this.options;
    const { owed, wanted } = this;
    const crowded = this.crowded(cost);
    const state = { held: account.held, lag: this.behind(now), owed, estimate: cost, wanted, crowded };
    const fair = pace.spanToReserve(state);
    const horizon = pace.horizonFor(owed, Math.max(cost, this.share()));
    if (fair > 0) return this.take(fair, Math.max(pace.HORIZON_MS, horizon), true);
    const supplied = crowded ? state.held >= pace.heldToStart(cost, true) : state.lag >= cost;
    if (supplied) return this.nextVisit(true);
    return this.take(pace.spanToReserve(state, 1), horizon, true);
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
    if (this.item!.workers <= 1 || this.expectsIdle(clock.now())) {
      await this.ask({ span: pace.PROBE_MS, horizon: 0, counted: true, costKnown: false });
    }
    return clock.now() + 25 + 25 * random();
  }

  private async take(span: number, horizon: number, counted: boolean): Promise<number> {
    if (span <= 0) return this.nextVisit(true);
    const result = await this.ask({ span, horizon, counted });
    if (!result.granted) return this.nextVisit(false);
    const ahead = result.start - this.options.clock.now();
    this.haste = ahead < DRY_MS ? Math.min(MOST_HASTE, this.haste * 2) : Math.max(1, this.haste / 2);
    this.turnAt = result.start + pace.periodMs(this.workers.count / this.haste);
    if (counted) this.workers.turn(result.item, this.steady);
    this.steady = true;
    await this.takeExtras(result.item.until, this.wanted - span / this.options.estimate.ms!);
    this.hurry();
    return this.nextVisit(true);
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
      if (until - now >= pace.LOW_MS || this.behind(now) >= cost) return;
      const room = Math.min(pace.LOW_MS + 10 - (until - now), (1 << extra) * this.share());
      const requests = Math.min(Math.floor(room / cost), Math.floor(wanted));
      if (requests < 1) return;
      const result = await this.ask({ span: requests * cost, horizon: pace.LOW_MS, counted: false });
      if (!result.granted) return;
      until = result.item.until;
      wanted -= requests;
    }
  }

  private async ask(request: Pick<ReserveRequest, "span" | "horizon" | "counted" | "costKnown">): Promise<Reservation> {
    const { estimate, clock, ledger } = this.options;
    const costs = estimate.takeUntold();
    const now = clock.now();
    const notes = { now, expectIdle: this.expectsIdle(now), costs, workers: this.workers.correction };
    const result = await ledger.reserve({ ...request, ...notes });
    if (!result.granted) estimate.putBack(costs);
    this.see(result.item);
    if (result.granted) {
      this.owed -= request.span;
      this.options.account.grant(result.start, request.span);
      this.options.changed();
    }
    return result;
  }

  /** Nothing was promised beyond the last look, and nobody else can have reserved since. */
  private expectsIdle(now: number): boolean {
    return this.item!.until < this.seenAt && (this.workers.count <= 1 || now - this.seenAt < 2 * DRY_MS);
  }

  private nextVisit(granted: boolean): number {
    const { clock, estimate, random } = this.options;
    const { until, paused } = this.item!;
    const now = clock.now();
    const workers = this.workers.count;
    const cost = estimate.ms ?? 0;
    const gap = pace.visitGapMs(workers) / this.haste;
    if (paused) return now + Math.max(pace.PAUSED_LOOK_MS, gap) * (0.75 + 0.25 * random());
    const turn = granted ? this.turnAt - pace.LEAD_MS : now + gap * (0.25 + 0.5 * random());
    const poll = this.owed >= cost ? turn : Math.max(turn, now + gap * (0.5 + random()));
    const room = until - pace.horizonFor(this.owed, Math.max(cost, this.share())) + Math.min(10, gap) * random();
    return Math.min(Math.max(now + 2, poll, room), now + Math.max(pace.LONGEST_SLEEP_MS, gap));
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
