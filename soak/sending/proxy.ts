import {
  Agent,
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { entriesOf, type Receipt, receiptsOf } from "./receipts";
import type { Refusals } from "./refusals";

export interface ProxyOptions {
  /** Address of the queue, such as `http://127.0.0.1:4566`. */
  endpoint: string;
  /** 0 ≤ value < 1. */
  random: () => number;
  /** Gets a receipt for each message that the queue took, in the order of its answers. */
  receipts: Receipt[];
  /** The requests that it refuses. Default: none. */
  refusals?: Refusals;
}

/** Share of answers that are lost on the way back: the queue has taken the messages, but the sender doesn't know. */
const LOST = 0.02;
/** Headers of one connection. The host stays what the sender named: it is signed. */
const OF_CONNECTION = new Set(["connection", "content-length", "transfer-encoding", "expect"]);

/**
 * An HTTP proxy on 127.0.0.1 between senders and the queue. It keeps a receipt for each message that the queue took, even
 * if it loses the answer. So no other part may lose answers to senders.
 */
export class SenderProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #passing = new Set<Promise<void>>();
  #answers = 0;
  #lost = 0;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      const passing = this.#serve(request, response).catch(() => void request.socket.destroy());
      this.#passing.add(passing);
      void passing.finally(() => this.#passing.delete(passing));
    });
    // Longer than clients keep idle connections: only faults close them under a request.
    this.#server.keepAliveTimeout = 120_000;
  }

  static async start(options: ProxyOptions): Promise<SenderProxy> {
    const proxy = new SenderProxy(options);
    await new Promise<void>((listening, failed) => {
      proxy.#server.once("error", failed);
      proxy.#server.listen(0, "127.0.0.1", listening);
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers for senders, and how many of them were lost. */
  get answers(): { matched: number; struck: number } {
    return { matched: this.#answers, struck: this.#lost };
  }

  /** Ends once the queue has answered everything that was on the way. The receipts are complete then. */
  async close(): Promise<void> {
    await Promise.all(this.#passing);
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const entries = entriesOf(body);
    const refusal = this.#options.refusals?.meet(entries);
    if (refusal?.answer) {
      const { status, type, body: page } = refusal.answer;
      response.writeHead(status, { "content-type": type }).end(page);
      return;
    }
    if (refusal) {
      request.socket.destroy();
      return;
    }
    const answer = await this.#passOn(request, body);
    const text = await textOf(answer);
    const { statusCode: status = 500, headers } = answer;
    if (status === 200) this.#options.receipts.push(...receiptsOf(entries, text));
    this.#answers++;
    if (this.#options.random() < LOST) {
      this.#lost++;
      request.socket.destroy();
      return;
    }
    const type = headers["content-type"] ?? "application/x-amz-json-1.0";
    const named = headers["x-amzn-query-error"];
    response.writeHead(status, { "content-type": type, ...(named && { "x-amzn-query-error": named }) }).end(text);
  }

  #passOn({ url, headers: given }: IncomingMessage, body: string): Promise<IncomingMessage> {
    const kept = Object.entries(given).filter(([name]) => !OF_CONNECTION.has(name));
    const headers = { ...Object.fromEntries(kept), "content-length": Buffer.byteLength(body) };
    const options = { method: "POST", headers, agent: this.#agent };
    return new Promise((resolve, reject) => {
      send(`${this.#options.endpoint}${url}`, options, resolve).on("error", reject).end(body);
    });
  }
}
