import type { IncomingHttpHeaders } from "node:http";

/** A request in the form that backends get: complete, with its body in memory. */
export interface BackendRequest {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** An answer, whole. */
export interface BackendResponse {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: Buffer;
}

/** An answer with a JSON body, in the content type of AWS's JSON protocols. */
export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): BackendResponse {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0", ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** An answer with an XML body. */
export function xmlResponse(status: number, body: string): BackendResponse {
  return { status, headers: { "content-type": "application/xml" }, body: Buffer.from(body) };
}

/** Stands for a connection that ends without an answer. */
export const brokenConnection: BackendResponse = { status: 0, headers: {}, body: Buffer.alloc(0) };
