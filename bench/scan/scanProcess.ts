/** Reads the table in one way, in a separate process, and reports time, CPU and memory. Started by benchmark.ts. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ways } from "./ways";

export interface Task {
  readonly way: keyof typeof ways;
  readonly endpoint: string;
  readonly table: string;
  readonly segments: number;
}

export interface Measured {
  readonly items: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Largest resident set of the process, bytes. */
  readonly peakBytes: number;
}

process.once("message", async ({ way, endpoint, table, segments }: Task) => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  const cpu = process.cpuUsage();
  const started = performance.now();
  const items = await ways[way](client, table, segments);
  const { user, system } = process.cpuUsage(cpu);
  const measured: Measured = {
    items,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  process.send?.(measured, () => process.exit());
});
