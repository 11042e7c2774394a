import { Agent, request } from "node:http";
import type { BackendRequest, BackendResponse } from "../gateway/message";

/** Connections to a DynamoDB Local on this machine. */
export class DynamoDbConnection {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(port: number) {
    this.#port = port;
  }

  /** Where it listens, for callers that bypass the gateway. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Forwards a DynamoDB request as it came. */
  send({ method, url, headers, body }: BackendRequest): Promise<BackendResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: "127.0.0.1", port: this.#port, agent: this.#agent, method, path: url, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 500, headers: response.headers, body: Buffer.concat(chunks) }),
          );
          response.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
