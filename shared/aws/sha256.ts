/**
 * SHA-256 for the SDK's signatures. The SDK's own class gives keys of HMACs to Node.js as bytes. Node.js 24 takes five times as
 * long for those as for texts and key objects, and each request has two HMACs.
 */
import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from "node:crypto";
import type { Checksum, SourceData } from "@smithy/types";

/** The SDK passes the same signing key for a day. */
const keys = new WeakMap<object, KeyObject>();

function keyOf(secret: SourceData): string | KeyObject {
  if (typeof secret === "string") return secret;
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = createSecretKey(bytesOf(secret));
  keys.set(secret, key);
  return key;
}

function bytesOf(data: Exclude<SourceData, string>): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The client option `sha256`. */
export class Sha256 implements Checksum {
  readonly digestLength = 32;
  private state: Hash | Hmac;

  /** @param secret for an HMAC; without it, the plain hash. */
  constructor(private readonly secret?: SourceData) {
    this.state = this.begin();
  }

  update(data: SourceData): void {
    this.state.update(typeof data === "string" ? data : bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.state.digest();
  }

  reset(): void {
    this.state = this.begin();
  }

  private begin(): Hash | Hmac {
    return this.secret === undefined ? createHash("sha256") : createHmac("sha256", keyOf(this.secret));
  }
}
