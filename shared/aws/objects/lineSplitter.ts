/**
 * Splits bytes into lines at line feeds. Readers that split at other characters (Node's readline does at U+2028) would break
 * JSON texts.
 *
 * A line is UTF-8, without its line feed; a carriage return before that belongs to the line. The last line needs no line feed.
 * Empty lines are skipped; only their bytes count.
 */

/** Where a line begins. */
export interface LinePosition {
  /** Lines before it. */
  readonly line: number;
  /** Bytes before it. */
  readonly byte: number;
}

export interface Line {
  readonly text: string;
  readonly position: LinePosition;
  /** With its line feed. */
  readonly bytes: number;
  /** Only the first bytes of a line that is longer than `MOST_LINE_BYTES`. */
  readonly cut: boolean;
}

/**
 * An item of DynamoDB has 400 KB; JSON may write a byte of it as `\u0000`, and an incremental export writes it twice.
 * A line beyond that is no item, and must not fill the memory.
 */
export const MOST_LINE_BYTES = 6 * 1024 * 1024;

const LINE_FEED = 10;

export class LineSplitter {
  private chunk: Buffer = Buffer.alloc(0);
  /** Beginning of a line that the chunk continues, and its length, which may be more than is kept. */
  private begun: Buffer[] = [];
  private begunBytes = 0;
  private line: number;
  private byte: number;

  constructor({ line, byte }: LinePosition = { line: 0, byte: 0 }) {
    [this.line, this.byte] = [line, byte];
  }

  /** Where the next line begins. */
  get position(): LinePosition {
    return { line: this.line, byte: this.byte };
  }

  /** Adds bytes. Only when `next` has returned undefined. */
  add(chunk: Buffer): void {
    this.chunk = chunk;
  }

  /** The next whole line; undefined if more bytes are needed. */
  next(): Line | undefined {
    for (;;) {
      const end = this.chunk.indexOf(LINE_FEED);
      if (end < 0) {
        this.keep(this.chunk);
        this.chunk = Buffer.alloc(0);
        return undefined;
      }
      this.keep(this.chunk.subarray(0, end));
      this.chunk = this.chunk.subarray(end + 1);
      const line = this.take(1);
      if (line !== undefined) return line;
    }
  }

  /** The last line, if it has no line feed. Only when `next` has returned undefined and there are no more bytes. */
  end(): Line | undefined {
    return this.take(0);
  }

  private keep(piece: Buffer): void {
    const room = Math.max(0, MOST_LINE_BYTES - this.begunBytes);
    if (piece.length > 0 && room > 0) this.begun.push(piece.subarray(0, room));
    this.begunBytes += piece.length;
  }

  private take(feed: number): Line | undefined {
    const bytes = this.begunBytes + feed;
    const position = this.position;
    const text = this.begun.length === 1 ? this.begun[0]! : Buffer.concat(this.begun);
    this.byte += bytes;
    const cut = this.begunBytes > MOST_LINE_BYTES;
    [this.begun, this.begunBytes] = [[], 0];
    if (text.length === 0) return undefined;
    this.line += 1;
    return { text: text.toString(), position, bytes, cut };
  }
}
