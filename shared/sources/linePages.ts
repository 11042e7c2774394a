/**
 * Pages of lines from objects in S3. A unit is a list of parts, and a part is an object or a range of it.
 *
 * The object stays open between the pages of one worker. Another worker, or the same one after an error, opens it again at the
 * cursor. That is a request for the rest of a plain object; a gzip object is decompressed from its beginning.
 */
import { createHash } from "node:crypto";
import { LineFile, type LineObject } from "../aws/objects/lineFile";
import type { Line, LinePosition } from "../aws/objects/lineSplitter";
import type { ObjectTools } from "../aws/objects/objectBytes";
import { itemsPerSecond } from "../capacity/metering/direction";
import { SluiceError } from "../errors";
import type { Sample } from "./sample";
import type { PageBudget } from "./source";

/** A part of a unit. */
export interface LinePart {
  readonly object: LineObject;
  /** Where its first line begins. Default: at the object's beginning. */
  readonly from?: LinePosition;
  /** `from` is one byte before the range, so the line that begins there belongs to the range before. Default false. */
  readonly midLine?: boolean;
  /** Lines that begin here or behind don't belong to it. Default: all do. */
  readonly until?: number;
}

/** Where a page begins: a line of a part. */
export interface LineCursor extends LinePosition {
  readonly part: number;
}

/** The bounds of a page. A page has at least one line, if there is one. */
export interface PageBounds {
  /** Lines that are wanted. */
  readonly lines: number;
}

export interface LinePage {
  readonly lines: readonly Line[];
  /** Lines and bytes that were read, wanted or not. */
  readonly scannedItems: number;
  readonly scannedBytes: number;
  readonly cursor: LineCursor | undefined;
}

/** Bytes of wanted lines after which a page ends: what a Scan reads at once. */
const MOST_BYTES = 1024 * 1024;
/** Bytes of all lines after which a page of a sample ends. */
const MOST_SCANNED_BYTES = 16 * 1024 * 1024;
/** The most lines of a page; rate or time may ask for fewer. */
const MOST_LINES = 1_000;
/** A smaller page would cost more in checkpoints than it helps. */
const LEAST_LINES = 25;

/** Lines of a page: about a second of writes or lookups, at one capacity unit per item, and no more than there is time for. */
export function pageLines(budget: PageBudget): number {
  const rate = itemsPerSecond((purpose) => budget.perSecond(purpose)) ?? MOST_LINES;
  const byRate = Math.min(MOST_LINES, Math.max(LEAST_LINES, Math.floor(rate)));
  return Math.max(1, Math.min(byRate, budget.mostItems() ?? MOST_LINES));
}

/** Whether a line belongs to a sample. Pure. */
export function isInSample({ share, seed }: Sample, unit: number, { part, line }: Omit<LineCursor, "byte">): boolean {
  const hash = createHash("md5").update(`${seed}/${unit}/${part}/${line}`).digest();
  return hash.readUIntBE(0, 6) / 2 ** 48 < share;
}

export interface LinePagesOptions {
  readonly unit: number;
  readonly parts: readonly LinePart[];
  readonly tools: ObjectTools;
  readonly sample?: Sample | undefined;
  /** Called when a part was read to the end of its object; throws if the object is not as expected. */
  readonly onEnd?: (part: number, file: LineFile) => void;
}

export class LinePages {
  private part = 0;
  private file: LineFile | undefined;
  /** The next line, if it has been read already. */
  private ahead: Line | undefined;

  constructor(private readonly options: LinePagesOptions) {}

  /** Closes the object when the signal aborts, and after an error: then the next page opens it again. */
  async page(cursor: LineCursor | undefined, { lines: most }: PageBounds, signal: AbortSignal): Promise<LinePage> {
    const close = () => this.close();
    signal.addEventListener("abort", close, { once: true });
    try {
      this.goTo(cursor ?? { part: 0, ...startOf(this.options.parts[0]) });
      return await this.take(most);
    } catch (error) {
      close();
      throw signal.aborted ? outOfTime(error) : error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  /** Ends the connection. Safe to call twice; a page that is read afterwards opens the object again. */
  close(): void {
    this.file?.close();
    [this.file, this.ahead] = [undefined, undefined];
  }

  private async take(most: number): Promise<LinePage> {
    const lines: Line[] = [];
    let [scannedItems, scannedBytes, bytes] = [0, 0, 0];
    let line = await this.peek();
    while (line !== undefined && lines.length < most && bytes < MOST_BYTES && scannedBytes < MOST_SCANNED_BYTES) {
      scannedItems += 1;
      scannedBytes += line.bytes;
      if (this.isWanted(line)) {
        lines.push(line);
        bytes += line.bytes;
      }
      this.ahead = undefined;
      line = await this.peek();
    }
    return { lines, scannedItems, scannedBytes, cursor: line && { part: this.part, ...line.position } };
  }

  private isWanted({ position: { line } }: Line): boolean {
    const { sample, unit } = this.options;
    return sample === undefined || isInSample(sample, unit, { part: this.part, line });
  }

  private goTo({ part, line, byte }: LineCursor): void {
    const now = this.ahead?.position ?? this.file?.position;
    if (this.part === part && now?.line === line && now.byte === byte) return;
    this.close();
    this.part = part;
    this.open({ line, byte });
  }

  private open(from: LinePosition): void {
    const part = this.options.parts[this.part];
    this.file = part && new LineFile(part.object, this.options.tools, from);
  }

  /** The next line of the unit, without moving on; undefined behind the last. */
  private async peek(): Promise<Line | undefined> {
    while (this.ahead === undefined && this.file !== undefined) {
      const { from, midLine, until = Number.POSITIVE_INFINITY } = this.options.parts[this.part]!;
      const line = await this.file.next();
      if (line === undefined || line.position.byte >= until) this.endPart(line === undefined);
      else if (!midLine || line.position.byte !== from?.byte) this.ahead = line;
    }
    return this.ahead;
  }

  private endPart(whole: boolean): void {
    const file = this.file!;
    if (whole) this.options.onEnd?.(this.part, file);
    file.close();
    this.part += 1;
    this.open(startOf(this.options.parts[this.part]));
  }
}

/** The error of a retried call whose time is over; see transient.ts. */
function outOfTime(cause: unknown): SluiceError {
  if (cause instanceof SluiceError && cause.code === "OUT_OF_TIME") return cause;
  return new SluiceError("OUT_OF_TIME", "The time was over while an object was read.", { retryable: true });
}

function startOf(part: LinePart | undefined): LinePosition {
  return part?.from ?? { line: 0, byte: 0 };
}
