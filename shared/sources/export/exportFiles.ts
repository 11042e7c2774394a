/**
 * Reads an export: a unit is one data file, streamed.
 *
 * Items come before the file's checksum is known; it is compared at the file's end, on the last page.
 *
 * An incremental export has one line for each item that changed. Items that were written come as their new image. Deleted
 * items come as `missing`, because no operation processes them: an item with the same key that was created later isn't the
 * one in the export.
 */

import type { Item } from "../../aws/itemSize";
import type { LineFile } from "../../aws/objects/lineFile";
import type { Line } from "../../aws/objects/lineSplitter";
import { SluiceError } from "../../errors";
import { exportedLine } from "../../exports/exportedLine";
import { fileListOf } from "../../exports/fileList";
import type { ManifestFile } from "../../exports/manifest";
import { damaged } from "../../exports/readExport";
import { type LineCursor, LinePages, pageLines } from "../linePages";
import type { Cursor, Source, SourcePage, SourceTools, UnitOfSource } from "../source";
import type { ExportSpec } from "./spec";

interface OpenFile {
  readonly file: ManifestFile;
  readonly pages: LinePages;
}

export class ExportFiles implements Source {
  private open: OpenFile | undefined;

  constructor(
    private readonly unit: UnitOfSource<ExportSpec>,
    private readonly tools: SourceTools,
  ) {}

  /** @throws SluiceError EXPORT_DAMAGED, OBJECT_REPLACED */
  async read(cursor: Cursor | undefined, signal: AbortSignal): Promise<SourcePage> {
    if (this.unit.spec.files === 0) return { items: [], scannedItems: 0, scannedBytes: 0, cursor: undefined, rcu: 0 };
    this.open ??= await this.openFile();
    const { file, pages } = this.open;
    const page = await pages
      .page(fileCursor(cursor), { lines: pageLines(this.tools.budget) }, signal)
      .catch((error) => {
        throw damageOf(error, file) ?? error;
      });
    const { scannedItems, scannedBytes, cursor: next } = page;
    const { items, missing } = itemsOf(page.lines, file.dataFileS3Key);
    const more = missing.length === 0 ? {} : { missing };
    return { items, ...more, scannedItems, scannedBytes, cursor: next && cursorOf(next), rcu: 0 };
  }

  close(): void {
    this.open?.pages.close();
  }

  private async openFile(): Promise<OpenFile> {
    const { spec, unit } = this.unit;
    const { s3, retry } = this.tools;
    const file = (await retry(() => fileListOf(s3, spec))).file(unit);
    const { dataFileS3Key: key, etag } = file;
    const object = { bucket: spec.bucket, key, gzip: true, etag: spec.copied ? undefined : etag.replaceAll('"', "") };
    const onEnd = (_: number, read: LineFile) => check(file, read);
    const pages = new LinePages({ unit, parts: [{ object }], tools: { s3, retry }, sample: spec.sample, onEnd });
    return { file, pages };
  }
}

function itemsOf(lines: readonly Line[], key: string): { items: Item[]; missing: Item[] } {
  const [items, missing]: [Item[], Item[]] = [[], []];
  for (const { text, cut, position } of lines) {
    const said = cut ? undefined : exportedLine(text);
    if (said === undefined)
      throw damaged(key, `Line ${position.line + 1}`, "an item in DynamoDB JSON", "something else");
    if ("item" in said) items.push(said.item);
    else missing.push(said.deleted);
  }
  return { items, missing };
}

/** Compares the whole file with its entry in the manifest. */
function check({ dataFileS3Key: key, itemCount, md5Checksum }: ManifestFile, read: LineFile): void {
  if (read.md5 !== md5Checksum) throw damaged(key, "md5Checksum", md5Checksum, read.md5);
  const { line } = read.position;
  if (line !== itemCount) throw damaged(key, "itemCount", itemCount, line);
}

function damageOf(error: unknown, { dataFileS3Key: key }: ManifestFile): SluiceError | undefined {
  if (!(error instanceof SluiceError) || error.code !== "OBJECT_DAMAGED") return undefined;
  return new SluiceError("EXPORT_DAMAGED", error.message, { value: key, cause: error });
}

/** The line and the byte in the decompressed file, from 0. */
function cursorOf({ line, byte }: LineCursor): Cursor {
  return { line, byte };
}

function fileCursor(cursor: Cursor | undefined): LineCursor | undefined {
  return cursor === undefined ? undefined : { part: 0, ...(cursor as { line: number; byte: number }) };
}
