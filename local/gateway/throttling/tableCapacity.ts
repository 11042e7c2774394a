import type { Consumption } from "../../../shared/capacity/metering/consumption";
import { type Direction, type Limit, ResourceCapacity, type Throughput } from "./resourceCapacity";

/** A resource that a request certainly touches: the table, or a global secondary index. */
export interface Touch {
  /** Name of the global secondary index. Absent: the table. */
  index?: string;
  /** Position in the hash space, from 0 to below 1; absent if the request does not show it. */
  position?: number;
  /** The least possible cost, in capacity units. */
  units: number;
}

/** Why a request is refused. */
export interface Exhausted {
  limit: Limit;
  index?: string;
}

/**
 * The capacity of one table and its global secondary indexes.
 *
 * A request is admitted while every balance that it touches is positive, whatever its cost. The least possible cost is
 * taken at once, so that requests in flight count. The rest is taken once the real cost is known, even into debt.
 */
export class TableCapacity {
  readonly #table: ResourceCapacity;
  readonly #indexes: Map<string, ResourceCapacity>;

  constructor(table: Throughput, indexes: Readonly<Record<string, Throughput>>, now: number) {
    this.#table = new ResourceCapacity(table, now);
    this.#indexes = new Map(
      Object.entries(indexes).map(([name, throughput]) => [name, new ResourceCapacity(throughput, now)]),
    );
  }

  /**
   * Takes the least cost of all touched resources, or refuses and takes nothing. "In order for a table write to succeed,
   * the table and all of its global secondary indexes must have enough write capacity" (developer guide, GSI).
   */
  admit(direction: Direction, touches: readonly Touch[], now: number): Exhausted | undefined {
    for (const { index, position } of touches) {
      const limit = this.#resource(index)?.exhausted(direction, position, now);
      if (limit) return index === undefined ? { limit } : { limit, index };
    }
    for (const { index, position, units } of touches) this.#resource(index)?.take(direction, units, position, now);
    return undefined;
  }

  /**
   * Replaces the amounts taken at admission by the request's real consumption. If a request has several parts, only their
   * sum is known. The sum is shared among the partitions they touched, in proportion to the least costs.
   */
  settle(direction: Direction, touches: readonly Touch[], consumed: Consumption, now: number): void {
    this.#settleOne(undefined, direction, touches, consumed.table, now);
    for (const index of this.#indexes.keys()) {
      this.#settleOne(index, direction, touches, consumed.indexes?.[index] ?? 0, now);
    }
  }

  #settleOne(
    index: string | undefined,
    direction: Direction,
    touches: readonly Touch[],
    consumed: number,
    now: number,
  ): void {
    const own = touches.filter((touch) => touch.index === index);
    const taken = own.reduce((sum, { units }) => sum + units, 0);
    const resource = this.#resource(index);
    if (taken === 0) resource?.take(direction, consumed, undefined, now);
    for (const { units, position } of taken === 0 ? [] : own) {
      resource?.take(direction, (units / taken) * consumed - units, position, now);
    }
  }

  #resource(index: string | undefined): ResourceCapacity | undefined {
    return index === undefined ? this.#table : this.#indexes.get(index);
  }
}
