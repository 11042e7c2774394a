import { Bucket } from "./bucket";
import { partitionAt } from "./position";

export type Direction = "read" | "write";

/** The capacity of one table or one global secondary index. */
export interface Throughput {
  /** RCU per second. */
  rcu: number;
  /** WCU per second. */
  wcu: number;
  /** Seconds of unused capacity that are kept for bursts. */
  burst: number;
  /** Seconds of unused capacity at the start, at most `burst`. */
  credit: number;
  /** Number of partitions, 1 or more. */
  partitions: number;
}

/** The exhausted limit: that of the whole table or index, or that of one of its partitions. */
export type Limit = "throughput" | "partition";

/**
 * The throughput of one partition in a second. It has no burst credit beyond that: "Burst capacity can't alleviate
 * partition-level throttling" (repost.aws/knowledge-center/dynamodb-spiky-workloads-short-intervals; developer guide,
 * bp-partition-key-design).
 */
const PARTITION = { read: 3_000, write: 1_000 } as const;
const PARTITION_BURST_SECONDS = 1;

/** The capacity of one table or one global secondary index; local secondary indexes share their table's. */
export class ResourceCapacity {
  readonly #whole: Record<Direction, Bucket>;
  readonly #partitions: Record<Direction, Map<number, Bucket>> = { read: new Map(), write: new Map() };
  readonly #count: number;

  constructor({ rcu, wcu, burst, credit, partitions }: Throughput, now: number) {
    this.#whole = {
      read: new Bucket(rcu, rcu * burst, rcu * credit, now),
      write: new Bucket(wcu, wcu * burst, wcu * credit, now),
    };
    this.#count = partitions;
  }

  /** The limit that refuses a request now, if any. A request of unknown position meets no partition's limit. */
  exhausted(direction: Direction, position: number | undefined, now: number): Limit | undefined {
    if (this.#whole[direction].balance(now) <= 0) return "throughput";
    if (position !== undefined && this.#partition(direction, position, now).balance(now) <= 0) return "partition";
    return undefined;
  }

  /** Takes capacity units, or gives them back if the amount is negative. */
  take(direction: Direction, amount: number, position: number | undefined, now: number): void {
    this.#whole[direction].take(amount, now);
    if (position !== undefined) this.#partition(direction, position, now).take(amount, now);
  }

  #partition(direction: Direction, position: number, now: number): Bucket {
    const number = partitionAt(position, this.#count);
    const known = this.#partitions[direction].get(number);
    if (known) return known;
    const depth = PARTITION[direction] * PARTITION_BURST_SECONDS;
    const bucket = new Bucket(PARTITION[direction], depth, depth, now);
    this.#partitions[direction].set(number, bucket);
    return bucket;
  }
}
