/**
 * The ledger: one item from which all workers of a job reserve slices of capacity, measured in time (see limits.ts).
 *
 *   past                      now                         until            until + span
 *   ───────────────────────────┼─────────── promised ───────┼──── this slice ────┤
 *                              └────────── queue ───────────┘
 *
 * A reservation moves `until` forward by its span, in one conditional update, and its slice starts where `until` was.
 * Slices therefore tile the time line without gap or overlap, whatever the workers' number, latency or crashes; an idle
 * ledger (`until` in the past) grants from now, so unused capacity is never saved up for a burst. But slices are spent
 * with a delay. So to a worker that uses little, an idle ledger may grant a slice that began a moment ago.
 *
 * The ledger has no clock. Each worker compares `until` with its own, so clocks that differ by 50 ms spend tiles up to
 * 50 ms early or late: one second then holds at most 1.05 seconds of tiles. Order and sum are not affected.
 */
import { SluiceError } from "../../errors";
import { type CapacityLimits, checkLimits, costRatio, sameLimits } from "../metering/limits";
import type { CostTotals, LedgerAmounts, LedgerChange, LedgerItem, LedgerStore } from "./ledgerItem";
import { pauseChange } from "./pauseChange";
import { factorAfterThrottle, THROTTLE_INTERVAL_MS } from "./throttle";

export interface ReserveRequest {
  /** The worker's clock, milliseconds since the epoch. */
  readonly now: number;
  /** How much to reserve, in milliseconds of account time. Above 0. */
  readonly span: number;
  /** Refuse if capacity is promised further ahead than this, milliseconds. 0: grant only if the ledger is idle. */
  readonly horizon: number;
  /** How far in the past the slice may begin, milliseconds, if nothing later is promised. Default 0. */
  readonly past?: number;
  /** An idle ledger grants from `past` ago on. Default: from now on. */
  readonly early?: boolean;
  /** False for a reservation beyond the fair share: such a reservation is not counted as a sign of an active worker. */
  readonly counted: boolean;
  /** Refuse unless the average cost of a request is known (true) or unknown (false). Default: either will do. */
  readonly costKnown?: boolean;
  /** Also counts the worker in. Default false. */
  readonly joins?: boolean;
  /** Expect an idle ledger: nothing promised beyond now. A wrong expectation costs a second update. */
  readonly expectIdle: boolean;
  /** Cost of own requests since the last update that reported it, to be added to the totals. */
  readonly costs?: CostTotals | undefined;
  /** Unspent credit that goes back with this reservation, milliseconds. */
  readonly returned?: number;
  /** A corrected number of workers, if the ledger's own is wrong. */
  readonly workers?: number | undefined;
}

export type Reservation =
  | { readonly granted: true; readonly start: number; readonly item: LedgerItem }
  | { readonly granted: false; readonly item: LedgerItem };

/** The most that a single worker reserves ahead for small requests, milliseconds. Only large requests get more. */
const LONGEST_SLICE_MS = 1300;
/**
 * After a change of limits the average cost counts as this part of a request. The average assumes that requests stay as large as
 * under the old limits. But the size of pages follows the limits, and the first few pages soon show the real cost.
 */
const COMPUTED_WEIGHT = 0.25;
/** Under the new limits requests of pages cost at least this, milliseconds. */
const LARGE_MS = 50;
/** New limits are in force within two seconds; this leaves a reservation its time. */
const LONGEST_RESCALED_MS = 1500;

export interface LeaveOptions {
  /** The cost of own requests since the last update that reported it. */
  readonly costs?: CostTotals | undefined;
  /** Give back only if the ledger's `until` is still this. */
  readonly ifUntil?: number | undefined;
}

export interface LedgerOptions {
  /**
   * Name under which a job shares this ledger with others, unique among them. Each member can be paused by itself.
   * Default: none, the ledger serves one job.
   */
  readonly member?: string;
}

/** Every item that it returns is `paused` when the whole ledger is, or when this member of it is. */
export class Ledger {
  private readonly member: string | undefined;

  constructor(
    private readonly store: LedgerStore,
    { member }: LedgerOptions = {},
  ) {
    this.member = member;
  }

  /** Creates the ledger's item, with nothing promised beyond `now`, unless it exists. True when this call created it. */
  create(limits: CapacityLimits, now: number): Promise<boolean> {
    checkLimits(limits);
    const fresh = { until: now, reservations: 0, workers: 0, costSum: 0, costCount: 0 };
    return this.store.create({ ...fresh, limits, paused: false, factor: 1, factorAt: 0 });
  }

  /** The item, consistently read. */
  async read(): Promise<LedgerItem> {
    return this.seen(await this.store.read());
  }

  /**
   * Changes the limits of a running job. Existing promises shrink or grow with the limits. Otherwise a job that was very slow would
   * have to wait for its old promises after it was sped up. A slice that is being spent grows to a second and a half at most,
   * because its worker slows down at its next visit and the new limit must be in force soon. It doesn't grow if its requests are
   * charged by the new limits. Promises made between the look and the update stay as they are: while many workers are busy, an
   * update that insists on an unchanged ledger would never succeed.
   */
  async configure(limits: CapacityLimits, now: number): Promise<LedgerItem> {
    checkLimits(limits);
    const item = await this.read();
    if (sameLimits(item.limits, limits)) return item;
    const ratio = costRatio(item.limits, limits);
    const cost = computedCost(item, ratio);
    const promised = Math.max(0, item.until - now);
    const until = chargedInFull(item, cost, ratio) ? 0 : rescaled(promised, ratio) - promised;
    return this.change({ set: { limits, ...cost }, add: { until } });
  }

  /**
   * Stops (true) or resumes granting, only for this member if the ledger is shared. Workers may go on spending a granted slice for up to
   * a second.
   */
  async pause(paused: boolean): Promise<LedgerItem> {
    return this.change(pauseChange(paused, this.member));
  }

  /** Counts this worker in. The answer's `workers` is its rank among those that came at the same time. */
  async join(): Promise<LedgerItem> {
    return this.change({ add: { workers: 1 } });
  }

  /**
   * Counts this worker out and gives `unspent` milliseconds back (negative: takes a debt along). `ifUntil`: gives back only
   * if the ledger's `until` is still this. Otherwise somebody else's slice follows, and time that is granted twice would be
   * spent at the same time as that slice.
   */
  async leave(unspent: number, { costs, ifUntil }: LeaveOptions = {}): Promise<LedgerItem> {
    return this.giveBack(unspent, { ...costs, workers: -1 }, ifUntil);
  }

  /**
   * Corrects the promise once the true cost of requests is known: `ms` above 0 was spent without being reserved, below 0
   * was reserved without being spent. `until` never counts below now. `ifUntil`: as for {@link leave}.
   */
  async adjust(ms: number, costs?: CostTotals, ifUntil?: number): Promise<LedgerItem> {
    return this.giveBack(-ms, costs ?? {}, ifUntil);
  }

  /** `besides` is added whatever the ledger's state. */
  private async giveBack(unspent: number, besides: LedgerAmounts, ifUntil?: number): Promise<LedgerItem> {
    const add = { ...besides, until: -unspent };
    if (ifUntil === undefined) return this.change({ add });
    const result = await this.store.update({ require: { untilFrom: ifUntil, untilTo: ifUntil }, add });
    // DynamoDB refuses an update that changes nothing.
    const isAll = result.applied || Object.values(besides).every((amount) => amount === undefined);
    return isAll ? this.seen(result.item) : this.change({ add: besides });
  }

  /**
   * Reserves a slice. One conditional update; two when the ledger is idle but was expected to be busy, or the other way
   * round.
   */
  async reserve(request: ReserveRequest): Promise<Reservation> {
    const idleOnly = request.horizon <= -(request.past ?? 0);
    const busyFirst = !idleOnly && !request.expectIdle;
    const [busy, idle] = [busyChange(request, this.member), idleChange(request, this.member)];
    const result = await this.store.update(busyFirst ? busy : idle);
    const item = this.seen(result.item);
    if (result.applied) return granted(item, busyFirst ? request : { span: request.span });
    const second = busyFirst ? idle : busy;
    if (idleOnly || !admits(item, request, second)) return { granted: false, item };
    const again = await this.store.update(second);
    const after = this.seen(again.item);
    return again.applied
      ? granted(after, busyFirst ? { span: request.span } : request)
      : { granted: false, item: after };
  }

  /** Reports throttled requests: lowers the limits in force for everybody, at most once a second. */
  async throttled(now: number, expected: LedgerItem): Promise<LedgerItem> {
    const require = { factorAtTo: now - THROTTLE_INTERVAL_MS };
    if (expected.factorAt > require.factorAtTo) return expected;
    const factor = factorAfterThrottle(expected, now);
    const { item } = await this.store.update({ require, set: { factor, factorAt: now } });
    return this.seen(item);
  }

  private async change(change: LedgerChange): Promise<LedgerItem> {
    return this.seen((await this.store.update(change)).item);
  }

  private seen(found: LedgerItem | undefined): LedgerItem {
    const item = present(found);
    if (this.member === undefined || item.paused) return item;
    return { ...item, paused: item.pausedMembers?.includes(this.member) === true };
  }
}

/** How long `promised` milliseconds last if everything costs `ratio` times as much. */
function rescaled(promised: number, ratio: number): number {
  const slice = promised <= LONGEST_SLICE_MS;
  return slice ? Math.min(ratio * promised, Math.max(promised, LONGEST_RESCALED_MS)) : ratio * promised;
}

/** The average cost if everything costs `ratio` times as much. */
function computedCost({ costSum, costCount }: LedgerItem, ratio: number): Partial<CostTotals> {
  if (costCount === 0) return {};
  return { costSum: (COMPUTED_WEIGHT * ratio * costSum) / costCount, costCount: COMPUTED_WEIGHT };
}

/**
 * Whether workers will charge the current promises by the new, lower limits. If several workers read pages, each learns of the
 * new limits before its page is done. A single worker spends a slice of up to a second before it looks again.
 */
function chargedInFull({ workers }: LedgerItem, { costSum, costCount }: Partial<CostTotals>, ratio: number): boolean {
  return workers > 1 && ratio > 1 && costCount !== undefined && costSum! / costCount >= LARGE_MS;
}

/** Grants behind what is promised: `now - past ≤ until ≤ now + horizon`. */
function busyChange(request: ReserveRequest, member?: string): LedgerChange {
  const { now, span, horizon, past = 0, returned = 0 } = request;
  const require = { ...common(request, member), untilFrom: now - past, untilTo: now + horizon };
  return { require, add: { ...amounts(request), until: span - returned }, ...notes(request) };
}

/**
 * Grants from now, or from `past` ago if `early`: `until < now - past`. Capacity that is given back is then lost, because unused time is
 * never saved up.
 */
function idleChange(request: ReserveRequest, member?: string): LedgerChange {
  const { now, span, past = 0 } = request;
  const require = { ...common(request, member), untilBefore: now - past };
  return { require, add: amounts(request), set: { ...notes(request).set, until: idleStart(request) + span } };
}

/** When a slice that an idle ledger grants begins. */
export function idleStart({ now, past = 0, early = false }: Pick<ReserveRequest, "now" | "past" | "early">): number {
  return early ? now - past : now;
}

function common({ costKnown }: ReserveRequest, member: string | undefined): NonNullable<LedgerChange["require"]> {
  return {
    unpaused: true,
    ...(member !== undefined && { memberUnpaused: member }),
    ...(costKnown !== undefined && { costKnown }),
  };
}

function amounts({ counted, costs, joins = false }: ReserveRequest): LedgerAmounts {
  return { ...costs, ...(counted && { reservations: 1 }), ...(joins && { workers: 1 }) };
}

function notes({ workers }: ReserveRequest): { set?: Partial<LedgerItem> } {
  return workers === undefined ? {} : { set: { workers } };
}

/** Whether the other form of a refused update could succeed on the item that the refusal returned. */
function admits(item: LedgerItem, request: ReserveRequest, other: LedgerChange): boolean {
  const known = item.costCount > 0;
  if (item.paused || (request.costKnown ?? known) !== known) return false;
  const { untilFrom, untilTo, untilBefore } = other.require ?? {};
  if (untilBefore !== undefined) return item.until < untilBefore;
  return item.until >= untilFrom! && item.until <= untilTo!;
}

function granted(item: LedgerItem, { span, returned = 0 }: Pick<ReserveRequest, "span" | "returned">): Reservation {
  return { granted: true, start: item.until - span + returned, item };
}

function present(item: LedgerItem | undefined): LedgerItem {
  if (item === undefined) throw new SluiceError("capacity.ledger-missing", "ledger: the item must exist, found none");
  return item;
}
