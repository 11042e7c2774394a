/**
 * Reads a list of keys: the keys themselves, or the items that they name. A line that is no key of the table is returned as
 * `unreadable`, a key without an item as `missing`. If a page has a key twice, it is returned once.
 */
import type { Item } from "../../aws/itemSize";
import type { Line } from "../../aws/objects/lineSplitter";
import { type LineCursor, LinePages, pageLines } from "../linePages";
import type { Cursor, Source, SourcePage, SourceTools, UnitOfSource, UnreadableLine } from "../source";
import { KeyCost } from "./keyCost";
import { keyLine } from "./keyLine";
import { folderParts, objectParts, objectsOf } from "./keyParts";
import { keyName } from "./keyValue";
import { type ReadItems, readItems } from "./readItems";
import type { KeysSpec } from "./spec";

/** Characters of an unreadable line that are returned. */
const SHOWN = 200;

export class KeyPages implements Source {
  private pages: LinePages | undefined;
  private readonly cost: KeyCost;

  constructor(
    private readonly unit: UnitOfSource<KeysSpec>,
    private readonly tools: SourceTools,
  ) {
    const strength = unit.spec.consistentRead ? "strong" : "eventual";
    this.cost = new KeyCost(tools.budget, strength, unit.averageBytes);
  }

  /** @throws SluiceError OBJECT_DAMAGED, OBJECT_REPLACED, LIST_CHANGED */
  async read(cursor: Cursor | undefined, signal: AbortSignal): Promise<SourcePage> {
    this.pages ??= await this.open();
    const page = await this.pages.page(cursor as LineCursor | undefined, { lines: this.most() }, signal);
    const { keys, unreadable, blank } = keysIn(page.lines, this.unit.spec);
    const { items, missing, rcu } = await this.itemsOf(keys, signal);
    return {
      items,
      ...(missing.length === 0 ? {} : { missing }),
      ...(unreadable.length === 0 ? {} : { unreadable }),
      scannedItems: page.scannedItems - blank,
      scannedBytes: page.scannedBytes,
      cursor: page.cursor && { ...page.cursor },
      rcu,
    };
  }

  close(): void {
    this.pages?.close();
  }

  private async open(): Promise<LinePages> {
    const { spec, unit, units } = this.unit;
    const { s3, retry } = this.tools;
    const { bucket, list, sample } = spec;
    const parts =
      list.form === "object"
        ? objectParts(bucket, list, unit, units)
        : folderParts(bucket, await retry(() => objectsOf(s3, bucket, list)), unit, units);
    return new LinePages({ unit, parts, tools: { s3, retry }, sample });
  }

  private most(): number {
    const lines = pageLines(this.tools.budget);
    return this.unit.spec.readItems ? Math.min(lines, this.cost.page()) : lines;
  }

  private async itemsOf(keys: readonly Item[], signal: AbortSignal): Promise<ReadItems> {
    const { spec } = this.unit;
    if (!spec.readItems) return { items: keys, missing: [], rcu: 0 };
    const { dynamodb, retry } = this.tools;
    const read = await readItems(keys, { spec, dynamodb, retry, signal, batch: this.cost.batch() });
    this.cost.observe(keys.length, read.rcu);
    return read;
  }
}

interface Keys {
  readonly keys: readonly Item[];
  readonly unreadable: readonly UnreadableLine[];
  /** Lines with only white space. */
  readonly blank: number;
}

function keysIn(lines: readonly Line[], { keys: attributes, list }: KeysSpec): Keys {
  const columns = list.form === "object" ? list.columns : undefined;
  const keys = new Map<string, Item>();
  const unreadable: UnreadableLine[] = [];
  let blank = 0;
  for (const { text, cut } of lines) {
    if (text.trim() === "") {
      blank += 1;
      continue;
    }
    const read = cut ? { reason: "The line is too long for a key." } : keyLine(text, attributes, columns);
    if ("key" in read) keys.set(keyName(read.key, attributes), read.key);
    else unreadable.push({ line: text.slice(0, SHOWN), reason: read.reason });
  }
  return { keys: [...keys.values()], unreadable, blank };
}
