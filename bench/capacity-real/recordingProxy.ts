/**
 * Stands before a DynamoDB endpoint and writes down what each answer says was consumed, per table and index. To be
 * replaced by the record of the local cloud's gateway, which does the same.
 */
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { type Consumption, consumptionOf } from "../../shared/capacity/consumption";

export interface Consumed {
  /** Milliseconds since the epoch, when the answer came. */
  readonly at: number;
  readonly table: string;
  readonly consumption: Consumption;
}

/** Where a benchmark learns what tables consumed. */
export interface RecordSource {
  /** The endpoint to send requests to. */
  readonly endpoint: string;
  /** Everything consumed so far. */
  consumed(): Promise<readonly Consumed[]>;
  stop(): Promise<void>;
}

export async function startRecordingProxy(target: string): Promise<RecordSource> {
  const record: Consumed[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = forward({ hostname, port, method, path: url, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const body = Buffer.concat(chunks);
        note(body, record);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
      });
    });
    onward.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  const endpoint = await listen(server);
  return { endpoint, consumed: async () => record, stop: async () => void server.close() };
}

function note(body: Buffer, record: Consumed[]): void {
  if (!body.includes('"ConsumedCapacity"')) return;
  const { ConsumedCapacity: capacity } = JSON.parse(body.toString()) as { ConsumedCapacity?: ConsumedCapacity };
  if (capacity?.TableName === undefined) return;
  record.push({ at: Date.now(), table: capacity.TableName, consumption: consumptionOf(capacity) });
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
