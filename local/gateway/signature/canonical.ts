import { type BinaryLike, createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { Hash } from "@smithy/core/serde";
import { getCanonicalHeaders, getSigningKey, SignatureV4Base } from "@smithy/signature-v4";
import type { HttpRequest } from "@smithy/types";
import type { BackendRequest } from "../message";
import type { Signature } from "./signature";

const ALGORITHM = "AWS4-HMAC-SHA256";

class Sha256 extends Hash {
  constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
    super("sha256", secret);
  }
}

/** The strings that the caller should have signed. */
export interface Signable {
  canonicalRequest: string;
  stringToSign: string;
}

/** Composes the strings to sign of a received request with the AWS SDK's own code. */
class Canonical extends SignatureV4Base {
  /** @param escapesPath whether the path is escaped once more, as for all services but S3 */
  constructor(escapesPath: boolean) {
    const credentials = { accessKeyId: "", secretAccessKey: "" };
    super({ service: "", region: "", credentials, sha256: Sha256, uriEscapePath: escapesPath });
  }

  async of(request: BackendRequest, signature: Signature, payloadHash: string): Promise<Signable> {
    const { signedHeaders, signedAt } = signature;
    const signed = Object.fromEntries(signedHeaders.map((name) => [name, String(request.headers[name] ?? "")]));
    const headers = getCanonicalHeaders(
      { headers: signed } as unknown as HttpRequest,
      undefined,
      new Set(signedHeaders),
    );
    const canonicalRequest = this.createCanonicalRequest(asHttpRequest(request), headers, payloadHash);
    const scope = scopeOf(signature);
    return {
      canonicalRequest,
      stringToSign: await this.createStringToSign(signedAt, scope, canonicalRequest, ALGORITHM),
    };
  }
}

const s3 = new Canonical(false);
const others = new Canonical(true);

/**
 * What the caller should have signed.
 * @param payloadHash in hexadecimal, or the text that stands in its place
 * @throws URIError if the query is no text.
 */
export function signableOf(request: BackendRequest, signature: Signature, payloadHash: string): Promise<Signable> {
  return (signature.service === "s3" ? s3 : others).of(request, signature, payloadHash);
}

/** The key with which this secret signs for a day, a region and a service. It is an object, because Node signs faster with it. */
export async function signingKey(secretAccessKey: string, { day, region, service }: Signature): Promise<KeyObject> {
  return createSecretKey(await getSigningKey(Sha256, { accessKeyId: "", secretAccessKey }, day, region, service));
}

/** The credential scope: the part of the signed text that names day, region and service. */
export function scopeOf({ day, region, service }: Signature): string {
  return `${day}/${region}/${service}/aws4_request`;
}

export function sign(key: KeyObject, stringToSign: string): string {
  return createHmac("sha256", key).update(stringToSign).digest("hex");
}

export function sha256(content: BinaryLike): string {
  return createHash("sha256").update(content).digest("hex");
}

function asHttpRequest({ method, url }: BackendRequest): HttpRequest {
  const question = url.indexOf("?");
  const [path, query] = question < 0 ? [url, ""] : [url.slice(0, question), url.slice(question + 1)];
  return { method, path, query: queryIn(query) } as HttpRequest;
}

function queryIn(text: string): Record<string, string[]> {
  const query: Record<string, string[]> = Object.create(null);
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [name = "", ...value] = pair.split("=");
    const decoded = decodeURIComponent(name);
    query[decoded] = [...(query[decoded] ?? []), decodeURIComponent(value.join("="))];
  }
  return query;
}
