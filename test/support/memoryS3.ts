/** S3 with objects in memory, for connections that break, stall, or are watched: a real server can't be made to do that. */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { S3ServiceException } from "@aws-sdk/client-s3";

interface Input {
  readonly Key: string;
  readonly Range?: string;
  readonly IfMatch?: string;
}

/** How a response's body ends early: after so many bytes, with an error or in silence. */
export interface Break {
  readonly after: number;
  readonly how: "error" | "end" | "stall";
}

const CHUNK = 16 * 1024;

export class MemoryS3 {
  readonly objects = new Map<string, Buffer>();
  /** The requests in order. */
  readonly gets: Input[] = [];
  /** Bodies of the responses, in the order of the requests that got one. */
  readonly bodies: Readable[] = [];
  /** Bytes that were read from bodies. */
  taken = 0;
  /** How the next responses end early, one entry each. Undefined: the response is whole. */
  readonly breaks: (Break | undefined)[] = [];

  readonly client = { send: (command: { input: Input }) => this.get(command.input) } as unknown as S3Client;

  put(key: string, content: Buffer | string): void {
    this.objects.set(key, Buffer.from(content));
  }

  etag(key: string): string {
    return createHash("md5").update(this.objects.get(key)!).digest("hex");
  }

  private async get(input: Input) {
    this.gets.push(input);
    const content = this.objects.get(input.Key);
    if (content === undefined) throw failure("NoSuchKey", 404);
    const ETag = `"${this.etag(input.Key)}"`;
    if (input.IfMatch !== undefined && input.IfMatch !== ETag) throw failure("PreconditionFailed", 412);
    const from = Number(/^bytes=(\d+)-$/.exec(input.Range ?? "bytes=0-")![1]);
    if (input.Range !== undefined && from >= content.length) throw failure("InvalidRange", 416);
    const bytes = content.subarray(from);
    const Body = Object.assign(this.body(bytes, this.breaks.shift()), { transformToByteArray: async () => bytes });
    this.bodies.push(Body);
    return { Body, ETag, ContentLength: bytes.length };
  }

  private body(bytes: Buffer, broken: Break | undefined): Readable {
    const end = Math.min(bytes.length, broken?.after ?? Number.POSITIVE_INFINITY);
    let at = 0;
    const s3 = this;
    return new Readable({
      read() {
        if (at < end) {
          const chunk = bytes.subarray(at, Math.min(end, at + CHUNK));
          at += chunk.length;
          s3.taken += chunk.length;
          this.push(chunk);
        } else if (broken?.how === "error") this.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
        else if (broken?.how !== "stall") this.push(null);
      },
    });
  }
}

function failure(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: "client", $metadata: { httpStatusCode } });
}
