import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import type { BackendRequest, BackendResponse } from "../../../local/gateway/message";
import type { Credentials } from "../../../local/gateway/principals";

/** A request as the gateway gets it. */
export function request(fields: Partial<Omit<BackendRequest, "body">> & { body?: string } = {}): BackendRequest {
  const { body = "", ...rest } = fields;
  return { method: "GET", url: "/", headers: {}, ...rest, body: Buffer.from(body) };
}

class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super("sha256", secret);
  }
}

/** The request signed as the SDK does it. @param signingDate default: now */
export async function signed(
  credentials: Credentials,
  service: string,
  asked: BackendRequest,
  signingDate = new Date(),
): Promise<BackendRequest> {
  const { headers } = await signerOf(credentials, service).sign(signable(asked), { signingDate });
  return { ...asked, headers };
}

/** The request with its signature in the query, as the SDK presigns it. */
export async function presigned(
  credentials: Credentials,
  service: string,
  asked: BackendRequest,
  { signingDate = new Date(), expiresIn = 900 } = {},
): Promise<BackendRequest> {
  const made = await signerOf(credentials, service).presign(
    { ...signable(asked), body: service === "s3" ? undefined : asked.body, headers: s3Headers(service, asked) },
    { signingDate, expiresIn },
  );
  const query = Object.entries(made.query ?? {}).map(([name, value]) => `${escaped(name)}=${escaped(String(value))}`);
  return { ...asked, url: `${made.path}?${query.join("&")}`, headers: { host: "127.0.0.1", ...asked.headers } };
}

function signerOf(credentials: Credentials, service: string): SignatureV4 {
  return new SignatureV4({
    credentials,
    service,
    region: "us-east-1",
    sha256: Sha256,
    uriEscapePath: service !== "s3",
  });
}

function signable({ method, url, headers, body }: BackendRequest) {
  const [path = "", query = ""] = url.split("?");
  return {
    ...{ protocol: "http:", hostname: "127.0.0.1", method, path, body },
    headers: { host: "127.0.0.1", ...(headers as Record<string, string>) },
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function s3Headers(service: string, asked: BackendRequest): Record<string, string> {
  const { headers } = signable(asked);
  return service === "s3" ? { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } : headers;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function answer(status = 200, body = ""): BackendResponse {
  return { status, headers: {}, body: Buffer.from(body) };
}
