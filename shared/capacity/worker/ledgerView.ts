/**
 * The ledger as one worker sees it: the item as last seen, and the worker's updates. Each update also reports what the worker
 * knows: the costs of its requests, unspent credit, a better number of workers.
 */
import type { Clock } from "../../clock";
import { idleStart, type Ledger, type Reservation, type ReserveRequest } from "../ledger/ledger";
import type { LedgerItem } from "../ledger/ledgerItem";
import { sameLimits } from "../metering/limits";
import type { CostEstimate } from "./costEstimate";
import type { FairShare } from "./fairShare";
import * as pace from "./pace";
import type { SliceAccount } from "./sliceAccount";

/** A look at the item is fresh for this long, milliseconds: hardly any other worker has reserved since. */
const FRESH_MS = 40;
/** Requests that cost at least this are so few that a slice is for a single one, or for very few, milliseconds. */
export const FEW_MS = 20;
/** A slice of at least this size is noticeable within a second, milliseconds. */
const LARGE_MS = 50;
/** Workers that spend less than this in a second, all together, use little of the limit, milliseconds. */
const LITTLE_MS = 100;
/** A worker that has spent nothing for this long makes a request now and then, milliseconds. */
const QUIET_MS = 250;
/** For this long, an idle ledger is expected to stay idle, milliseconds. */
const IDLE_MS = 300;

export interface LedgerViewOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly account: SliceAccount;
  readonly estimate: CostEstimate;
  readonly fair: FairShare;
}

export class LedgerView {
  /** The item as last seen; undefined before the first look. */
  item: LedgerItem | undefined;
  /** When that was. */
  seenAt = 0;
  /** Nothing was promised when the last reservation was granted, so its slice began as early as it may. */
  foundIdle = false;
  /** This worker is among the item's `workers`. */
  private counted = false;
  /** End of the last slice granted. */
  grantedUntil = 0;

  constructor(private readonly options: LedgerViewOptions) {}

  async join(): Promise<LedgerItem> {
    const item = await this.options.ledger.join();
    this.counted = true;
    return this.see(item);
  }

  async look(): Promise<LedgerItem> {
    return this.see(await this.options.ledger.read());
  }

  /** Whether the item was seen just now. */
  fresh(now: number): boolean {
    return now - this.seenAt < FRESH_MS;
  }

  /** Asks for a slice, and adds it to the account if granted. */
  async reserve(request: Pick<ReserveRequest, "span" | "horizon" | "counted" | "costKnown">): Promise<Reservation> {
    const { account, clock, estimate, fair, ledger } = this.options;
    const now = clock.now();
    const costs = estimate.takeUntold();
    const returned = account.takeVoided(now, 0);
    const notes = { costs, returned, workers: fair.workers.correction };
    const expectIdle = this.expectsIdle(now);
    const times = { now, past: this.past(), early: this.usesLittle(), expectIdle };
    const result = await ledger.reserve({ ...request, ...notes, ...times, joins: !this.counted });
    this.counted ||= result.granted;
    if (!result.granted) {
      estimate.putBack(costs);
      account.putBackVoided(returned);
    }
    this.see(result.item);
    this.foundIdle = result.granted && Math.abs(result.start - idleStart(times)) < 1;
    if (!result.granted) return result;
    this.grantedUntil = result.item.until;
    fair.owed -= request.span;
    account.grant(result.start, request.span);
    return result;
  }

  /** Gives back `ms` that were reserved and not spent; below 0, takes more. `ifUntil`: see {@link Ledger.leave}. */
  async giveBack(ms: number, ifUntil?: number): Promise<void> {
    const { estimate, ledger } = this.options;
    this.see(await ledger.adjust(-ms, estimate.takeUntold(), ifUntil));
  }

  /** Gives back all unspent credit, or adds the debt to the ledger. Returns the amount. */
  async giveBackAll(): Promise<number> {
    const held = this.options.account.clear();
    await this.giveBack(held, this.ifLast(held));
    return held;
  }

  async reportThrottle(now: number): Promise<void> {
    this.see(await this.options.ledger.throttled(now, this.item!));
  }

  /**
   * Counts this worker out, gives back what it holds and reports its costs. `notBefore`: the earliest start of the next
   * worker's first request, which starts `DELAY_MS` after its slice begins. For that, a lone worker leaves enough
   * capacity promised.
   */
  async leave(notBefore = Number.NEGATIVE_INFINITY): Promise<void> {
    const { account, estimate, fair, ledger } = this.options;
    if (!this.counted) return;
    const held = account.clear();
    const alone = fair.workers.count === 1;
    const unspent = alone ? Math.min(held, this.item!.until - (notBefore - pace.DELAY_MS)) : held;
    await ledger.leave(unspent, { costs: estimate.takeUntold(), ifUntil: this.ifLast(unspent) });
  }

  /**
   * A large slice is given back only if nobody has reserved behind it. Otherwise it would be granted again on top of
   * those reservations.
   */
  private ifLast(held: number): number | undefined {
    const large = held > 0 && ((this.options.estimate.ms ?? 0) >= FEW_MS || held >= LARGE_MS);
    return large ? this.grantedUntil : undefined;
  }

  /** How long ago a slice may begin. */
  past(): number {
    const { estimate, fair } = this.options;
    const crowded = estimate.ms !== undefined && fair.crowded(estimate.ms);
    return crowded || this.usesLittle() ? pace.PAST_MS : 0;
  }

  /**
   * Whether the worker makes a request now and then, which need not wait. This isn't so
   *
   * - before its first slice: others may still spend the credit that the job's very first request gave back;
   * - if a request costs a good part of a second;
   * - while its requests follow one another: a slice that begins earlier also ends earlier, so it would visit the ledger more often.
   */
  private usesLittle(): boolean {
    const { account, clock, estimate, fair } = this.options;
    const { ms } = estimate;
    if (this.grantedUntil === 0 || ms === undefined || ms >= LITTLE_MS || fair.crowded(ms)) return false;
    const now = clock.now();
    if (account.spentInSecond(now) >= LITTLE_MS / fair.workers.count) return false;
    return account.lastSpentAt === undefined || now - account.lastSpentAt >= QUIET_MS;
  }

  /** The ledger's state at the last look; a lone worker knows the current one. */
  private expectsIdle(now: number): boolean {
    const recent = now - this.seenAt < (this.foundIdle ? IDLE_MS : FRESH_MS);
    return this.item!.until < now - this.past() && (this.options.fair.workers.count <= 1 || recent);
  }

  private see(found: LedgerItem): LedgerItem {
    const { account, clock, estimate, fair } = this.options;
    const item = this.counted ? found : { ...found, workers: found.workers + 1 };
    if (this.item !== undefined && !sameLimits(this.item.limits, item.limits)) estimate.restart();
    if (this.item === undefined || changed(this.item, item)) fair.steadiness.stir();
    estimate.see(item);
    this.seenAt = clock.now();
    if (this.item !== undefined && item.workers > this.item.workers) account.makeRoom(this.seenAt);
    this.item = item;
    fair.workers.see(item);
    return item;
  }
}

/** Whether workers came or went, or the limits in force changed. */
function changed(before: LedgerItem, after: LedgerItem): boolean {
  return (
    before.workers !== after.workers ||
    before.paused !== after.paused ||
    before.factorAt !== after.factorAt ||
    !sameLimits(before.limits, after.limits)
  );
}
