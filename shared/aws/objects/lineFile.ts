/** The lines of an object in S3, plain or gzip, streamed from any position, and no faster than the caller asks for them. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createGunzip, type Gunzip } from "node:zlib";
import { SluiceError } from "../../errors";
import { type Line, type LinePosition, LineSplitter } from "./lineSplitter";
import { closed, ObjectBytes, type ObjectTools, type StoredObject } from "./objectBytes";

export interface LineObject extends StoredObject {
  readonly gzip: boolean;
}

export class LineFile {
  private readonly bytes: Chunks;
  private readonly lines: LineSplitter;
  private ended = false;
  /** Bytes that are passed over before the first line. */
  private skip: number;

  /**
   * @param from where its lines begin: the beginning of a line. A gzip object is always read from its beginning, but the bytes
   *   before `from` are not split into lines.
   */
  constructor(
    readonly object: LineObject,
    tools: ObjectTools,
    from: LinePosition = { line: 0, byte: 0 },
  ) {
    this.bytes = object.gzip ? new GunzippedBytes(object, tools) : new ObjectBytes(object, tools, from.byte);
    this.skip = object.gzip ? from.byte : 0;
    this.lines = new LineSplitter(from);
  }

  /** Where the next line begins. */
  get position(): LinePosition {
    return this.lines.position;
  }

  /** Base64, of a gzip object as it lies there; only when `next` has returned undefined. */
  get md5(): string | undefined {
    return this.bytes instanceof GunzippedBytes ? this.bytes.md5 : undefined;
  }

  /**
   * The next line; undefined behind the last.
   * @throws the errors of ObjectBytes, and SluiceError OBJECT_DAMAGED if the object isn't a whole gzip file
   */
  async next(): Promise<Line | undefined> {
    for (;;) {
      const line = this.lines.next();
      if (line !== undefined || this.ended) return line;
      const chunk = await this.chunk();
      if (chunk !== undefined) {
        this.lines.add(chunk);
        continue;
      }
      this.ended = true;
      return this.lines.end();
    }
  }

  /** Ends connection and decompression. Safe to call twice. */
  close(): void {
    this.bytes.close();
  }

  private async chunk(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = await this.bytes.next();
      if (chunk === undefined || this.skip === 0) return chunk;
      const rest = chunk.subarray(this.skip);
      this.skip = Math.max(0, this.skip - chunk.length);
      if (rest.length > 0) return rest;
    }
  }
}

interface Chunks {
  next(): Promise<Buffer | undefined>;
  close(): void;
}

/** The bytes of a gzip object, decompressed. */
class GunzippedBytes implements Chunks {
  private readonly source: ObjectBytes;
  private readonly gunzip: Gunzip = createGunzip();
  private readonly output: AsyncIterator<Buffer>;
  private readonly hash = createHash("md5");
  private readonly filling: Promise<void>;
  /** True until the first byte comes. */
  private empty = true;
  /** Aborted when the decompression accepts no more bytes. */
  private readonly enough = new AbortController();

  constructor(
    private readonly object: StoredObject,
    tools: ObjectTools,
  ) {
    this.source = new ObjectBytes(object, tools);
    this.output = this.gunzip[Symbol.asyncIterator]();
    // The next read throws the error; at this moment there may be no reader.
    this.gunzip.on("error", () => undefined);
    this.gunzip.once("end", () => this.enough.abort());
    this.filling = this.fill();
    this.filling.catch(() => undefined);
  }

  get md5(): string {
    return this.hash.copy().digest("base64");
  }

  async next(): Promise<Buffer | undefined> {
    try {
      const { done, value } = await this.output.next();
      if (!done) return value;
    } catch (error) {
      // An object without bytes counts as an empty file.
      if (!(isZlibError(error) && this.empty)) throw isZlibError(error) ? damaged(this.object, error) : error;
    }
    // zlib ends at the trailer, but the object may have bytes behind it.
    await this.filling;
    return undefined;
  }

  close(): void {
    this.source.close();
    this.gunzip.destroy(closed(this.object));
    this.enough.abort();
  }

  /** Moves the object's bytes into the decompression, which applies back-pressure. */
  private async fill(): Promise<void> {
    try {
      for (let chunk = await this.source.next(); chunk !== undefined; chunk = await this.source.next()) {
        this.empty = false;
        this.hash.update(chunk);
        if (!this.enough.signal.aborted && !this.gunzip.write(chunk)) await this.drained();
      }
      this.gunzip.end();
    } catch (error) {
      this.gunzip.destroy(error as Error);
      throw error;
    }
  }

  /** The decompression never accepts bytes behind the trailer: then no "drain" comes, but an "end". */
  private async drained(): Promise<void> {
    const { signal } = this.enough;
    await once(this.gunzip, "drain", { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("Z_");
}

function damaged({ bucket, key }: StoredObject, cause: Error): SluiceError {
  const message = `Object s3://${bucket}/${key} must be a whole gzip file: ${cause.message}.`;
  return new SluiceError("OBJECT_DAMAGED", message, { value: key, cause });
}
