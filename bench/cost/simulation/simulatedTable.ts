/** A table of equal items in segments. A Scan takes as long as the service and a worker's CPU take for its page. */
import type { DynamoDBClient, ScanCommand, ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { ConsumptionRecord } from "../../../local/gateway/throttling/record";
import { type Item, itemBytes } from "../../../shared/aws/itemSize";
import type { CapacityLimiter } from "../../../shared/capacity/worker/limiter";
import type { Clock } from "../../../shared/clock";

/** Bytes after which Scan ends a page, and bytes of a read of half a capacity unit. */
const PAGE_BYTES = 1_048_576;
const HALF_UNIT_BYTES = 4_096;

export interface TableOptions {
  readonly items: number;
  readonly itemBytes: number;
  readonly segments: number;
  /** Time of any request, and additional time of each MB at the service and in the worker, milliseconds. */
  readonly requestMs: number;
  readonly msPerMegabyte: number;
}

export class SimulatedTable {
  readonly record = new ConsumptionRecord();
  rcu = 0;
  readonly #options: TableOptions;
  readonly #item: Item;

  constructor(options: TableOptions) {
    this.#options = options;
    const id = { S: "item-000000000" };
    const bare = itemBytes({ id, text: { S: "" } });
    this.#item = { id, text: { S: "x".repeat(Math.max(0, options.itemBytes - bare)) } };
  }

  /** RCU of one pass with full pages over all segments. */
  get undisturbedRcu(): number {
    return Math.ceil((this.#options.items * this.#options.itemBytes) / HALF_UNIT_BYTES) / 2;
  }

  /** A client for one worker. It does with each Scan what the capacity plug-in does. */
  client(limiter: CapacityLimiter, clock: Clock): DynamoDBClient {
    const send = async ({ input }: ScanCommand): Promise<Partial<ScanCommandOutput>> => {
      const permit = await limiter.acquire();
      const page = this.#page(input);
      const { requestMs, msPerMegabyte } = this.#options;
      const ms = requestMs + (msPerMegabyte * page.bytes) / PAGE_BYTES;
      await clock.sleep(ms / 2);
      const CapacityUnits = Math.ceil(page.bytes / HALF_UNIT_BYTES) / 2;
      this.rcu += CapacityUnits;
      this.record.add("read", { table: CapacityUnits }, clock.now());
      await clock.sleep(ms / 2);
      permit.charge({ table: CapacityUnits });
      return { ...page.output, ConsumedCapacity: { CapacityUnits, Table: { CapacityUnits } } };
    };
    return { send } as unknown as DynamoDBClient;
  }

  #page({ Segment = 0, Limit, ExclusiveStartKey }: ScanCommand["input"]) {
    const { items, itemBytes: bytes, segments } = this.#options;
    const inSegment = Math.floor(items / segments) + (Segment < items % segments ? 1 : 0);
    const from = Number(ExclusiveStartKey?.id?.S ?? 0);
    // Scan ends a page with the item that reaches 1 MB.
    const most = Math.min(Limit ?? Number.POSITIVE_INFINITY, Math.ceil(PAGE_BYTES / bytes));
    const count = Math.min(most, inSegment - from);
    const Items = Array<Item>(count).fill(this.#item);
    const ends = from + count === inSegment && count < most;
    const next = ends ? {} : { LastEvaluatedKey: { id: { S: String(from + count) } } };
    return { bytes: count * bytes, output: { Items, Count: count, ScannedCount: count, ...next } };
  }
}
