import type { KeyObject } from "node:crypto";
import type { Clock } from "../../../shared/clock";
import type { BackendRequest } from "../message";
import type { IssuedKey, Principals } from "../principals";
import { type Signable, scopeOf, sha256, sign, signableOf, signingKey } from "./canonical";
import { unchunked } from "./chunks";
import type { Signature } from "./signature";

/** AWS accepts signatures that are at most this much older or newer than its own clock. */
export const SKEW_MS = 900_000;

/** Why a signed request is refused. */
export type Rejection =
  | { kind: "unknownKey" | "wrongToken" | "incomplete" | "otherBody" | "incompleteBody" }
  | { kind: "wrongSignature"; signable: Signable | undefined }
  /** The refusal of a presigned request. */
  | { kind: "expired" }
  | { kind: "tooOld" | "tooNew"; signedAt: number; now: number };

/** The signer, and the request in the form of the backends, with its body in one piece. */
export interface Verified {
  key: IssuedKey;
  request: BackendRequest;
}

export type Verification = Verified | { rejection: Rejection };

/** Verifies Signature Version 4, as AWS does: the key, the clock, the signature and the body. */
export class Verifier {
  readonly #principals: Principals;
  readonly #clock: Clock;

  constructor(principals: Principals, clock: Clock) {
    this.#principals = principals;
    this.#clock = clock;
  }

  /** @throws URIError if the query is no text. */
  async verify(request: BackendRequest, signature: Signature): Promise<Verification> {
    const key = this.#principals.find(signature.accessKeyId);
    if (!key) return rejected("unknownKey");
    const { sessionToken } = key.credentials;
    if (
      signature.sessionToken !== sessionToken &&
      !(key.principal.kind === "administrator" && !signature.sessionToken)
    ) {
      return rejected("wrongToken");
    }
    const rejection = this.#timeRejection(signature);
    if (rejection) return { rejection };
    const payload = payloadOf(request, signature);
    const signable = await signableOf(request, signature, payload.hash);
    const signing = await signingKeyOf(key, signature);
    if (sign(signing, signable.stringToSign) !== signature.signature) {
      return { rejection: { kind: "wrongSignature", signable } };
    }
    if (payload.isOther) return rejected("otherBody");
    if (!payload.hash.startsWith("STREAMING-")) return { key, request };
    const whole = unchunked(request, payload.hash, { signature, key: signing });
    if (!whole) return rejected("incompleteBody");
    return whole.isSigned
      ? { key, request: whole.request }
      : { rejection: { kind: "wrongSignature", signable: undefined } };
  }

  #timeRejection({ day, signedAt, signedHeaders, expiresSeconds }: Signature): Rejection | undefined {
    const [at, now] = [timeOf(signedAt), this.#clock.now()];
    if (at === undefined || signedAt.slice(0, 8) !== day || !signedHeaders.includes("host"))
      return { kind: "incomplete" };
    if (at > now + SKEW_MS) return { kind: "tooNew", signedAt: at, now };
    if (expiresSeconds === undefined) return at < now - SKEW_MS ? { kind: "tooOld", signedAt: at, now } : undefined;
    return at + expiresSeconds * 1_000 >= now ? undefined : { kind: "expired" };
  }
}

/** The text that stands for the body in the signed text, and whether it is the hash of another body. */
function payloadOf({ headers, url, body }: BackendRequest, { service, expiresSeconds }: Signature) {
  if (service !== "s3") return { hash: sha256(body), isOther: false };
  const query = expiresSeconds === undefined ? undefined : new URLSearchParams(url.split("?")[1]);
  const stated = query?.get("X-Amz-Content-Sha256") ?? headers["x-amz-content-sha256"];
  const hash = String(stated ?? (query ? "UNSIGNED-PAYLOAD" : ""));
  return { hash, isOther: /^[0-9a-f]{64}$/.test(hash) ? hash !== sha256(body) : !/^(UNSIGNED|STREAMING)-/.test(hash) };
}

/** Derived once for each day, region and service, because deriving it costs four times as much as a signature. */
async function signingKeyOf({ credentials, signingKeys }: IssuedKey, signature: Signature): Promise<KeyObject> {
  const scope = scopeOf(signature);
  const known = signingKeys.get(scope);
  if (known) return known;
  const key = await signingKey(credentials.secretAccessKey, signature);
  signingKeys.set(scope, key);
  return key;
}

/** Milliseconds since the epoch. */
function timeOf(signedAt: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt) ?? [];
  if (year === undefined) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

function rejected(kind: "unknownKey" | "wrongToken" | "incomplete" | "otherBody" | "incompleteBody"): Verification {
  return { rejection: { kind } };
}
