/**
 * Reads the records of one unit of a job, the newest object first, so that of two writes to an item the later one is undone
 * first. An item here is a record; see shared/writing/before/beforeRecord.ts.
 */
import { revived } from "../../aws/dynamoJson";
import type { Item } from "../../aws/itemSize";
import { Kept } from "../../aws/objects/kept";
import type { Line } from "../../aws/objects/lineSplitter";
import { SluiceError } from "../../errors";
import { type LineCursor, LinePages, pageLines } from "../linePages";
import type { Cursor, Source, SourcePage, SourceTools, UnitOfSource } from "../source";
import { type RecordsManifest, readManifest } from "./manifest";
import type { RecordsSpec } from "./spec";

/** The manifests of the jobs that a process works on. */
const kept = new Kept<RecordsManifest>(2);

export class RecordPages implements Source {
  private pages: LinePages | undefined;

  constructor(
    private readonly unit: UnitOfSource<RecordsSpec>,
    private readonly tools: SourceTools,
  ) {}

  /** @throws SluiceError OBJECT_DAMAGED, OBJECT_REPLACED */
  async read(cursor: Cursor | undefined, signal: AbortSignal): Promise<SourcePage> {
    this.pages ??= await this.open();
    const bounds = { lines: pageLines(this.tools.budget) };
    const page = await this.pages.page(cursor as LineCursor | undefined, bounds, signal);
    const { scannedItems, scannedBytes } = page;
    const items = page.lines.map((line) => recordOn(line));
    return { items, scannedItems, scannedBytes, cursor: page.cursor && { ...page.cursor }, rcu: 0 };
  }

  close(): void {
    this.pages?.close();
  }

  private async open(): Promise<LinePages> {
    const { unit, spec } = this.unit;
    const { s3, retry } = this.tools;
    const { bucket, manifest } = spec;
    const { units } = await kept.get(s3, JSON.stringify(spec), () => retry(() => listed(s3, spec)));
    const folder = manifest.slice(0, manifest.lastIndexOf("/") + 1);
    const parts = (units[unit]?.objects ?? []).map((name) => ({ object: { bucket, key: folder + name, gzip: true } }));
    return new LinePages({ unit, parts, tools: { s3, retry } });
  }
}

async function listed(s3: SourceTools["s3"], { bucket, manifest, etag }: RecordsSpec): Promise<RecordsManifest> {
  const { read } = await readManifest(s3, bucket, manifest, etag);
  if (read === undefined) throw damaged(manifest);
  return read;
}

function recordOn({ text, cut, position }: Line): Item {
  try {
    if (!cut) return revived(JSON.parse(text) as Parameters<typeof revived>[0]);
  } catch {
    // The error below reports it.
  }
  throw damaged(`line ${position.line + 1}`);
}

function damaged(what: string): SluiceError {
  return new SluiceError("OBJECT_DAMAGED", `The former values must be as the job kept them, but ${what} is not.`);
}
