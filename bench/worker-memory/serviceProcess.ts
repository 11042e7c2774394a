/**
 * Stands in for DynamoDB and S3. It runs in a separate process, so that its work costs the worker nothing. Its scan never
 * ends, its pages come after the time that the real service takes, and it acknowledges writes. DynamoDB Local would need more
 * CPU for a page than the measured worker.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { itemBytes } from "../../shared/aws/itemSize";
import { orderItem } from "./orderItem";

/** Durations of the services. */
export interface Latency {
  /** Duration of any request, milliseconds. */
  readonly requestMs: number;
  /** Additional duration of each MB that a Scan reads. */
  readonly msPerMegabyte: number;
  /** Additional duration of an object's put. */
  readonly putMs: number;
}

/** Bytes after which Scan ends a page. */
const PAGE_BYTES = 1_048_576;

interface Page {
  readonly body: Buffer;
  readonly bytes: number;
}

const pages = new Map<number, Page>();

/** A page of this many items, the same ones every time. */
function pageOf(limit: number): Page {
  const known = pages.get(limit);
  if (known !== undefined) return known;
  const items = [];
  let bytes = 0;
  while (items.length < limit && bytes < PAGE_BYTES) {
    const item = orderItem(items.length);
    bytes += itemBytes(item);
    items.push(item);
  }
  const CapacityUnits = Math.ceil(bytes / 4_096) / 2;
  const body = JSON.stringify({
    Items: items,
    Count: items.length,
    ScannedCount: items.length,
    LastEvaluatedKey: { id: { S: "order-0000000000" } },
    ConsumedCapacity: { TableName: "bulk", CapacityUnits, Table: { CapacityUnits } },
  });
  const page = { body: Buffer.from(body), bytes };
  pages.set(limit, page);
  return page;
}

/** Total delay of all requests so far, milliseconds. */
let servedMs = 0;

process.once("message", (latency: Latency) => {
  process.on("message", () => process.send?.(servedMs));
  const server = createServer((request, response) => void serve(request, response, latency));
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
});
process.once("disconnect", () => process.exit());

async function serve(request: IncomingMessage, response: ServerResponse, latency: Latency): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { ms, answer } = answerTo(request, body, latency);
  servedMs += ms;
  setTimeout(answer, ms, response);
}

type Answer = { ms: number; answer: (response: ServerResponse) => void };

function answerTo({ headers, method = "", url = "" }: IncomingMessage, body: Buffer, latency: Latency): Answer {
  const target = headers["x-amz-target"];
  if (target === undefined) return { ms: latency.requestMs + latency.putMs, answer: s3Answer(method, url, body) };
  if (!String(target).endsWith(".Scan")) return { ms: latency.requestMs, answer: (response) => response.end("{}") };
  const { Limit = Number.POSITIVE_INFINITY } = JSON.parse(body.toString()) as { Limit?: number };
  const page = pageOf(Limit);
  const ms = latency.requestMs + (latency.msPerMegabyte * page.bytes) / PAGE_BYTES;
  return { ms, answer: (response) => response.end(page.body) };
}

const UPLOAD = "<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>";
const COMPLETED = '<CompleteMultipartUploadResult><ETag>"0-1"</ETag></CompleteMultipartUploadResult>';

function s3Answer(method: string, url: string, body: Buffer): Answer["answer"] {
  return (response) => {
    if (method === "PUT") {
      response.setHeader("etag", `"${createHash("md5").update(body).digest("hex")}"`);
      response.end();
    } else if (method === "DELETE") response.writeHead(204).end();
    else response.end(url.includes("uploadId=") ? COMPLETED : UPLOAD);
  };
}
