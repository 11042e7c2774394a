import type { KeyObject } from "node:crypto";
import type { BackendRequest } from "../message";
import { scopeOf, sha256, sign } from "./canonical";
import type { Signature } from "./signature";

const EMPTY_HASH = sha256("");
const LINE_END = "\r\n";

/** A body in S3's own form of chunks, taken apart. */
export interface Unchunked {
  /** The request with the whole body, and with its trailing headers among the others. */
  request: BackendRequest;
  /** Whether the signatures of all chunks and of the trailer are right; true if they have none. */
  isSigned: boolean;
}

/** The facts from which the chunks of a request are signed. */
export interface ChunkSigner {
  signature: Signature;
  key: KeyObject;
}

interface Chunk {
  data: Buffer;
  signature: string | undefined;
}

/**
 * Takes apart a body of `aws-chunked` encoding.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 * @param kind the value of `x-amz-content-sha256`, such as `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`
 * @returns undefined if the body ends too early, or is not as long as `x-amz-decoded-content-length` says.
 */
export function unchunked(request: BackendRequest, kind: string, signer: ChunkSigner): Unchunked | undefined {
  const parsed = parse(request.body);
  if (parsed === undefined) return undefined;
  const body = Buffer.concat(parsed.chunks.map(({ data }) => data));
  const length = request.headers["x-amz-decoded-content-length"];
  if (length !== undefined && Number(length) !== body.length) return undefined;
  const { "x-amz-trailer-signature": trailerSignature, ...trailer } = parsed.trailer;
  const isSigned =
    kind.startsWith("STREAMING-UNSIGNED") || areSigned(parsed.chunks, { trailer, trailerSignature }, signer);
  return { request: { ...request, headers: plainHeaders(request, body.length, trailer), body }, isSigned };
}

function parse(body: Buffer): { chunks: Chunk[]; trailer: Record<string, string> } | undefined {
  const chunks: Chunk[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf(LINE_END, at);
    if (end < 0) return undefined;
    const [, size = "", signature] =
      /^([0-9a-f]+)(?:;chunk-signature=(\w+))?$/i.exec(body.toString("latin1", at, end)) ?? [];
    const [from, to] = [end + LINE_END.length, end + LINE_END.length + Number.parseInt(size, 16)];
    // Not a number, or beyond the end.
    if (!(to <= body.length)) return undefined;
    chunks.push({ data: body.subarray(from, to), signature });
    if (to === from) return { chunks, trailer: trailerIn(body.toString("latin1", from)) };
    at = to + LINE_END.length;
  }
}

function trailerIn(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(":")).trim().toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
}

/** Each signature covers the one before; the request's own is the first. */
function areSigned(
  chunks: readonly Chunk[],
  { trailer, trailerSignature }: { trailer: Record<string, string>; trailerSignature: string | undefined },
  { signature, key }: ChunkSigner,
): boolean {
  const place = [signature.signedAt, scopeOf(signature)];
  let before = signature.signature;
  for (const { data, signature: given } of chunks) {
    const expected = sign(key, ["AWS4-HMAC-SHA256-PAYLOAD", ...place, before, EMPTY_HASH, sha256(data)].join("\n"));
    if (given !== expected) return false;
    before = expected;
  }
  const lines = Object.entries(trailer).map(([name, value]) => `${name}:${value}\n`);
  if (lines.length === 0) return true;
  const trailerHash = sha256(lines.join(""));
  return trailerSignature === sign(key, ["AWS4-HMAC-SHA256-TRAILER", ...place, before, trailerHash].join("\n"));
}

/** The headers of the same upload in one piece. */
function plainHeaders({ headers }: BackendRequest, length: number, trailer: Record<string, string>) {
  const encodings = String(headers["content-encoding"] ?? "").split(",");
  const encoding = encodings.map((each) => each.trim()).filter((each) => each !== "" && each !== "aws-chunked");
  const { "content-encoding": _, "x-amz-decoded-content-length": __, "transfer-encoding": ___, ...others } = headers;
  return {
    ...others,
    ...(encoding.length === 0 ? {} : { "content-encoding": encoding.join(",") }),
    ...trailer,
    "content-length": String(length),
  };
}
