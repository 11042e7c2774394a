/** Streams an object from S3. If a connection breaks, the stream continues at the same byte on a new one. */
import type { Readable } from "node:stream";
import { GetObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { SluiceError } from "../../errors";

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes. If the object's ETag differs, the object was replaced. Default: the ETag at the time of opening. */
  readonly etag?: string | undefined;
}

export interface ObjectTools {
  readonly s3: Pick<S3Client, "send">;
  /** Repeats a call until it succeeds, fails for good, or the time for work is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/** If a caller waits this long for a byte, the connection counts as broken, milliseconds. */
const STALLED_MS = 10_000;

export class ObjectBytes {
  private etag: string | undefined;
  private body: Body | undefined;
  private size = Number.POSITIVE_INFINITY;
  private readonly closing = new AbortController();

  /**
   * @param at offset of the first byte to read. Behind the object's end there are none.
   * @param stalledMs see STALLED_MS.
   */
  constructor(
    private readonly object: StoredObject,
    private readonly tools: ObjectTools,
    private at = 0,
    private readonly stalledMs = STALLED_MS,
  ) {
    this.etag = object.etag;
  }

  /**
   * The next bytes; undefined behind the last. Holds at most what a socket and a stream buffer.
   * @throws the SDK's error if the object can't be read; SluiceError OBJECT_REPLACED, OBJECT_CLOSED.
   */
  async next(): Promise<Buffer | undefined> {
    if (this.at >= this.size) return undefined;
    const chunk = await this.tools.retry(() => this.attempt());
    this.at += chunk?.length ?? 0;
    if (this.at >= this.size) this.release();
    return chunk;
  }

  /** Ends the connection, also while `next` waits for it. Safe to call twice. */
  close(): void {
    this.closing.abort();
    this.release();
  }

  private async attempt(): Promise<Buffer | undefined> {
    if (this.closing.signal.aborted) throw closed(this.object);
    this.body ??= await this.open();
    if (this.body === undefined) return undefined;
    try {
      const chunk = await this.body.next(this.stalledMs);
      if (chunk === undefined && this.at < this.size) throw broken(this.object.key, "it ended early");
      return chunk;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Undefined: there are no bytes from here on. */
  private async open(): Promise<Body | undefined> {
    const { bucket: Bucket, key: Key } = this.object;
    const Range = this.at === 0 ? {} : { Range: `bytes=${this.at}-` };
    const IfMatch = this.etag === undefined ? {} : { IfMatch: `"${this.etag}"` };
    const command = new GetObjectCommand({ Bucket, Key, ...Range, ...IfMatch });
    try {
      const output = await this.tools.s3.send(command, { abortSignal: this.closing.signal });
      this.etag ??= output.ETag?.replaceAll('"', "");
      this.size = this.at + (output.ContentLength ?? Number.POSITIVE_INFINITY);
      return new Body(output.Body as Readable, this.object.key);
    } catch (error) {
      if (statusOf(error) === 412) throw replaced(this.object);
      if (statusOf(error) !== 416) throw error;
      this.size = this.at;
      return undefined;
    }
  }

  private release(): void {
    this.body?.destroy();
    this.body = undefined;
  }
}

/** The body of one response. */
class Body {
  private readonly chunks: AsyncIterator<Buffer>;

  constructor(
    private readonly stream: Readable,
    private readonly key: string,
  ) {
    this.chunks = stream[Symbol.asyncIterator]();
    // Between two reads no other code handles the error of a broken connection; the next read reports it.
    stream.on("error", () => undefined);
  }

  async next(stalledMs: number): Promise<Buffer | undefined> {
    const timer = setTimeout(() => this.stream.destroy(broken(this.key, "it stalled")), stalledMs);
    try {
      const { done, value } = await this.chunks.next();
      return done ? undefined : value;
    } catch (error) {
      throw broken(this.key, (error as Error).message, error);
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(): void {
    this.stream.destroy();
  }
}

/** The error of a read that was under way when the object was closed. */
export function closed({ key }: StoredObject): SluiceError {
  return new SluiceError("OBJECT_CLOSED", `Reading ${key} was ended.`, { value: key, retryable: true });
}

/** The name makes it count as transient, however the connection broke. */
function broken(key: string, how: string, cause?: unknown): Error {
  const error = new Error(`The connection that reads ${key} broke: ${how}.`, { cause });
  return Object.assign(error, { code: "ECONNRESET" });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** The error of a request whose ETag is not the object's. */
export function replaced({ bucket, key, etag }: StoredObject): SluiceError {
  const message = `Object s3://${bucket}/${key} must have the ETag ${etag ?? "it had when it was opened"}, but it was replaced.`;
  return new SluiceError("OBJECT_REPLACED", message, { value: key });
}
