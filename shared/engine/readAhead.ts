/**
 * Reads the next page while an operation still works on the one before. Otherwise no write would be under way while a
 * worker waits for a page.
 *
 * Nothing is read ahead during a long page: the wait is a small part of its time. Nor is anything read ahead just before the
 * stretch ends, because that page would have to be read again.
 */
import type { Clock } from "../clock";
import type { OperationWork } from "../operations/operation";
import type { Cursor, Source, SourcePage } from "../sources/source";

/**
 * A page that takes longer than this is long, milliseconds. A read takes up to about 150 ms: unless workers use little of the limit, it
 * waits for the delay of its slice, 125 ms (docs/decisions/0100).
 */
const SHORT_MS = 5_000;
/** The assumed duration of a unit's first page, milliseconds. */
const FIRST_MS = 1_000;

export interface ReadAheadOptions {
  readonly source: Source;
  readonly operation: Pick<OperationWork, "writes">;
  readonly tools: { readonly signal: AbortSignal };
  readonly clock: Clock;
  /** After this no further page is begun, milliseconds since the epoch. */
  readonly stopAt: number;
}

export class ReadAhead {
  private next: Promise<SourcePage> | undefined;
  /** How long the operation took for the last page, milliseconds. */
  private lastMs = FIRST_MS;

  constructor(private readonly options: ReadAheadOptions) {}

  /** The page at `cursor`. If one was read ahead, it is that one. */
  read(cursor: Cursor | undefined): Promise<SourcePage> {
    const { source, tools } = this.options;
    const page = this.next ?? source.read(cursor, tools.signal);
    this.next = undefined;
    return page;
  }

  /** Called before the operation works on a page, with the cursor behind it. */
  begin(cursor: Cursor | undefined): void {
    if (cursor === undefined || !this.isWorthIt()) return;
    const { source, tools } = this.options;
    this.next = source.read(cursor, tools.signal);
    // The caller that asks for the page gets the error.
    this.next.catch(() => undefined);
  }

  /** Called after the operation has worked on a page for this long, milliseconds. */
  worked(ms: number): void {
    this.lastMs = ms;
  }

  /** Waits for a read that nobody asked for, so that its consumption is still charged. Never rejects. */
  async end(): Promise<void> {
    await this.next?.catch(() => undefined);
    this.next = undefined;
  }

  private isWorthIt(): boolean {
    const { operation, clock, stopAt } = this.options;
    return operation.writes === true && this.lastMs < SHORT_MS && clock.now() + 2 * this.lastMs < stopAt;
  }
}
