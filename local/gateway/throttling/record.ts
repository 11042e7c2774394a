import type { Consumption } from "../../../shared/capacity/metering/consumption";
import type { Direction } from "./resourceCapacity";

/** Length of a slot of the record, in milliseconds. */
export const SLOT_MS = 100;
/** The most slots kept for each table and index: an hour, if something happened in every slot. */
const MAX_SLOTS = 36_000;

/** The events within 100 ms on a table or an index. */
export interface Slot {
  /** Start, in milliseconds since the epoch: a multiple of 100. */
  at: number;
  rcu: number;
  wcu: number;
  /** Requests, or parts of batches and transactions, that were refused. */
  throttled: number;
}

/** The consumption of a table and its indexes, as slots in the order of time, without empty ones. */
export interface ConsumptionReport {
  table: string;
  slotMs: number;
  /** Table and local secondary indexes together, which share the table's capacity. */
  consumption: Slot[];
  /** Each index, global or local, by its name. */
  indexes: Record<string, Slot[]>;
}

/**
 * A record of consumption per 100 ms, by when a request arrived. Bounded: beyond 36,000 slots the oldest is dropped.
 */
export class ConsumptionRecord {
  readonly #table = new Slots();
  readonly #indexes = new Map<string, Slots>();

  add(direction: Direction, { table, indexes }: Consumption, at: number): void {
    this.#table.add(direction, table, at);
    for (const [name, consumed] of Object.entries(indexes ?? {})) this.#index(name).add(direction, consumed, at);
  }

  /** Notes a refusal by the table, or by the index named. */
  refused(index: string | undefined, at: number): void {
    (index === undefined ? this.#table : this.#index(index)).at(at).throttled++;
  }

  /** Slots from the one that holds `since` (milliseconds) on. Default: all. */
  report(table: string, since = 0): ConsumptionReport {
    const indexes = [...this.#indexes].map(([name, slots]) => [name, slots.from(since)] as const);
    return {
      table,
      slotMs: SLOT_MS,
      consumption: this.#table.from(since),
      indexes: Object.fromEntries(indexes),
    };
  }

  #index(name: string): Slots {
    const known = this.#indexes.get(name);
    if (known) return known;
    const slots = new Slots();
    this.#indexes.set(name, slots);
    return slots;
  }
}

class Slots {
  readonly #byNumber = new Map<number, Slot>();

  add(direction: Direction, consumed: number, at: number): void {
    if (consumed === 0) return;
    this.at(at)[direction === "read" ? "rcu" : "wcu"] += consumed;
  }

  at(at: number): Slot {
    const number = Math.floor(at / SLOT_MS);
    const known = this.#byNumber.get(number);
    if (known) return known;
    const slot = { at: number * SLOT_MS, rcu: 0, wcu: 0, throttled: 0 };
    this.#byNumber.set(number, slot);
    if (this.#byNumber.size > MAX_SLOTS) this.#byNumber.delete(this.#byNumber.keys().next().value as number);
    return slot;
  }

  from(since: number): Slot[] {
    const wanted = [...this.#byNumber.values()].filter(({ at }) => at > since - SLOT_MS);
    return wanted.sort((a, b) => a.at - b.at).map((slot) => ({ ...slot }));
  }
}
