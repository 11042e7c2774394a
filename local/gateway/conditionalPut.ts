import { awsError } from "./errors";
import type { BackendRequest, BackendResponse } from "./message";

type Send = (request: BackendRequest) => Promise<BackendResponse>;

/**
 * Conditional writes of S3, which fauxqs accepts and ignores. `If-None-Match: *` creates an object only where there is
 * none; writes of the same key wait for each other, so exactly one of many at once succeeds.
 */
export class ConditionalPut {
  readonly #send: Send;
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(send: Send) {
    this.#send = send;
  }

  async put(request: BackendRequest): Promise<BackendResponse> {
    if (request.headers["if-match"] !== undefined || (request.headers["if-none-match"] ?? "*") !== "*") {
      return awsError(
        "s3",
        501,
        "NotImplemented",
        "The local cloud knows If-None-Match: * and no other write condition.",
      );
    }
    const key = request.url.split("?")[0] ?? "";
    const before = this.#last.get(key) ?? Promise.resolve();
    const put = before.then(() => this.#putIfAbsent(request));
    const settled = put.catch(() => undefined);
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    return put;
  }

  async #putIfAbsent(request: BackendRequest): Promise<BackendResponse> {
    if (request.headers["if-none-match"] === undefined) return this.#send(request);
    const head = await this.#send({
      method: "HEAD",
      url: request.url.split("?")[0] ?? "",
      headers: { host: request.headers.host ?? "" },
      body: Buffer.alloc(0),
    });
    if (head.status === 404) return this.#send(request);
    if (head.status !== 200) return head;
    return awsError("s3", 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  }
}
