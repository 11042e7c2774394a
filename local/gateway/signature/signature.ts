import type { BackendRequest } from "../message";

/** A request's signature: AWS Signature Version 4, in a header or in a presigned query. */
export interface Signature {
  accessKeyId: string;
  /** YYYYMMDD, of the credential scope. */
  day: string;
  region: string;
  /** As AWS names it in signatures, such as `dynamodb` or `monitoring`. */
  service: string;
  /** In lower case. */
  signedHeaders: string[];
  /** Hexadecimal. */
  signature: string;
  /** YYYYMMDDTHHMMSSZ; empty if the request has none. */
  signedAt: string;
  sessionToken: string | undefined;
  /** How long a presigned request may be used, seconds; undefined if the signature is in a header. */
  expiresSeconds: number | undefined;
}

const HEADER = /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),?\s*SignedHeaders=([^,\s]+),?\s*Signature=([^,\s]+)$/;

/** Reads the signature of a request; undefined for one that is not signed. */
export function signatureOf({ headers, url }: Pick<BackendRequest, "headers" | "url">): Signature | undefined {
  const [, credential, signedHeaders, signature] = HEADER.exec(headers.authorization ?? "") ?? [];
  if (credential !== undefined) {
    return signatureIn(credential, signedHeaders, signature, {
      signedAt: text(headers["x-amz-date"]) ?? "",
      sessionToken: text(headers["x-amz-security-token"]),
      expiresSeconds: undefined,
    });
  }
  if (!url.includes("X-Amz-Credential=")) return undefined;
  const query = new URLSearchParams(url.split("?")[1] ?? "");
  return signatureIn(
    query.get("X-Amz-Credential") ?? "",
    query.get("X-Amz-SignedHeaders") ?? "",
    query.get("X-Amz-Signature") ?? "",
    {
      signedAt: query.get("X-Amz-Date") ?? "",
      sessionToken: query.get("X-Amz-Security-Token") ?? undefined,
      expiresSeconds: Number(query.get("X-Amz-Expires")),
    },
  );
}

function signatureIn(
  credential: string,
  signedHeaders = "",
  signature = "",
  rest: Pick<Signature, "signedAt" | "sessionToken" | "expiresSeconds">,
): Signature | undefined {
  const [accessKeyId, day, region, service, end] = credential.split("/");
  if (!accessKeyId || !day || !region || !service || end !== "aws4_request") return undefined;
  return { accessKeyId, day, region, service, signedHeaders: signedHeaders.split(";"), signature, ...rest };
}

function text(header: string | string[] | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}
