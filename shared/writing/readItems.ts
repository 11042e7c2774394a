/** Reads items of a table by their keys, strongly consistently. */
import { type GetBatchOptions, getBatch } from "../aws/getBatch";
import type { Item } from "../aws/itemSize";
import { keyText } from "./keyText";
import { BatchQueue, inLanes } from "./lanes";
import { batchesAtOnce, batchSize, WriteCost } from "./pace";
import type { WriterOptions } from "./statementSender";

/** The items that exist, by `keyText` of their keys. */
export type Found = ReadonlyMap<string, Item>;

/** Reads as writers write: at the pace of a limit. Remembers the cost of a read from one call to the next. */
export class ItemReader {
  private readonly cost: WriteCost;

  /** @param options `limits`, `requestMs` and `unitsPerWrite` are those of its reads. */
  constructor(
    private readonly table: string,
    private readonly options: WriterOptions,
  ) {
    this.cost = new WriteCost(options.unitsPerWrite ?? 1);
  }

  /** @param keys only the key attributes; a key may occur twice. */
  async read(keys: readonly Item[]): Promise<Found> {
    const wanted = [...new Map(keys.map((key) => [keyText(key), key]))].map(([id, key]) => ({ id, key }));
    const names = Object.keys(keys[0] ?? {});
    const queue = new BatchQueue(wanted);
    const found = new Map<string, Item>();
    const ms = () => this.cost.ms(this.options.limits());
    await inLanes(
      () => batchesAtOnce(wanted.length, ms(), this.options.requestMs?.()),
      () => queue.take(batchSize(ms())),
      async (batch) => {
        for (const item of await this.readBatch(batch.map(({ key }) => key))) found.set(idOf(item, names), item);
      },
    );
    return found;
  }

  private readBatch(keys: readonly Item[]): Promise<Item[]> {
    const { client: dynamodb, retry, signal } = this.options;
    const answered: GetBatchOptions["answered"] = (consumed, count) => this.cost.learn(consumed, count);
    return getBatch(keys, { dynamodb, table: this.table, consistentRead: true, retry, signal, answered });
  }
}

function idOf(item: Item, names: readonly string[]): string {
  return keyText(Object.fromEntries(names.map((name) => [name, item[name]!])));
}
