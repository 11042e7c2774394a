import { crc32 } from "node:zlib";
import type { BackendRequest, BackendResponse } from "./message";

/** The request with another JSON body. */
export function requestWith(request: BackendRequest, json: unknown): BackendRequest {
  const body = Buffer.from(JSON.stringify(json));
  const { "transfer-encoding": _, ...headers } = request.headers;
  return { ...request, headers: { ...headers, "content-length": String(body.length) }, body };
}

/** The answer with another JSON body; SDKs check DynamoDB's CRC-32 if there is one. */
export function responseWith(response: BackendResponse, json: unknown): BackendResponse {
  const body = Buffer.from(JSON.stringify(json));
  const headers: BackendResponse["headers"] = { ...response.headers, "content-length": body.length };
  if (headers["x-amz-crc32"] !== undefined) headers["x-amz-crc32"] = String(crc32(body));
  return { ...response, headers, body };
}

/** A JSON body, parsed; undefined if it isn't JSON. */
export function jsonOf<T>({ body }: BackendResponse): T | undefined {
  try {
    return JSON.parse(body.toString()) as T;
  } catch {
    return undefined;
  }
}
