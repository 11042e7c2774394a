/** Writes in one way, in a process of its own, and reports what that took. Started by benchmark.ts. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { withoutLog } from "../../shared/aws/clients";
import { retryTransient } from "../../shared/aws/transient";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import { systemClock } from "../../shared/clock";
import { sendBatchesFast } from "../../shared/writing/batchProtocol";
import type { WriterOptions } from "../../shared/writing/statementSender";
import { MemoryLedger } from "../../test/support/memoryLedger";
import { limitedWays, TABLE, type WayName, ways } from "./ways";

export interface Task {
  readonly way: WayName;
  readonly endpoint: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface Measured {
  readonly itemsPerSecond: number;
  /** User and system, microseconds. */
  readonly cpuPerItem: number;
}

/** So many capacity units a second that nothing ever waits. */
const PLENTY = 1e6;

process.once("message", async ({ way, endpoint, warmUpSeconds, seconds }: Task) => {
  const options = limitedWays.has(way) ? limited(endpoint) : bare(endpoint);
  const run = (forSeconds: number) => ways[way]({ options, until: Date.now() + 1_000 * forSeconds });
  await run(warmUpSeconds);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const items = await run(seconds);
  const { user, system } = process.cpuUsage(cpu);
  const took = (performance.now() - started) / 1_000;
  const measured: Measured = { itemsPerSecond: items / took, cpuPerItem: (user + system) / items };
  process.send?.(measured, () => process.exit());
});

function bare(endpoint: string): WriterOptions {
  return { client: new DynamoDBClient(settings(endpoint)), retry: (call) => call(), perSecond: () => undefined };
}

function limited(endpoint: string): WriterOptions {
  const client = sendBatchesFast(withoutLog(new DynamoDBClient({ ...settings(endpoint), maxAttempts: 1 })));
  const ledger = new Ledger(new MemoryLedger());
  const limiter = new CapacityLimiter({ ledger, clock: systemClock, limits: { table: PLENTY } });
  limiter.open();
  client.middlewareStack.use(capacityPlugin(limiter, { table: TABLE, direction: "write" }));
  const { signal } = new AbortController();
  return { client, retry: (call) => retryTransient(call, signal), perSecond: () => limiter.limits?.table };
}

function settings(endpoint: string) {
  return { endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
}
