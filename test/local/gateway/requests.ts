import type { BackendRequest, BackendResponse } from "../../../local/gateway/message";

/** A request as the gateway gets it. */
export function request(fields: Partial<Omit<BackendRequest, "body">> & { body?: string } = {}): BackendRequest {
  const { body = "", ...rest } = fields;
  return { method: "GET", url: "/", headers: {}, ...rest, body: Buffer.from(body) };
}

/** The header of a signed request; nobody verifies the signature. */
export function signedBy(accessKeyId: string, service: string): { authorization: string } {
  const scope = `${accessKeyId}/20260101/us-east-1/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

export function answer(status = 200, body = ""): BackendResponse {
  return { status, headers: {}, body: Buffer.from(body) };
}
