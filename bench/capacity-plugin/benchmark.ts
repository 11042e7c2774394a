/** The cost of the capacity plug-in per request while capacity is available: CPU against a bare client, without network. */
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { Ledger } from "../../shared/capacity/ledger/ledger";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import { systemClock } from "../../shared/clock";
import { MemoryLedger } from "../../test/support/memoryLedger";
import type { Benchmark } from "../benchmark";
import { median } from "../median";

export interface PluginReport {
  readonly bareMicros: number;
  readonly limitedMicros: number;
  readonly overhead: { readonly measured: number; readonly goal: string; readonly met: boolean };
}

const GOAL_MICROS = 20;
/** Capacity units per second, so many that nothing ever waits, except for the ledger's first answer. */
const PLENTY = 1e9;
const BATCH = 1000;

export const benchmark: Benchmark<PluginReport> = {
  summary: "Measure the CPU time of the capacity plug-in for a request, with a stub as transport.",
  options: (command: Command) => {
    command.option("--rounds <n>", `rounds of ${BATCH} requests each`, "40");
  },
  run: async (options) => {
    const bare = stubbedClient();
    const limited = stubbedClient();
    const ledger = new Ledger(new MemoryLedger());
    const limiter = new CapacityLimiter({ ledger, clock: systemClock, limits: { table: PLENTY } });
    limiter.open();
    limited.middlewareStack.use(capacityPlugin(limiter, { table: "bulk", direction: "write" }));
    await Promise.all([cpuMicros(bare), cpuMicros(limited)]);
    const pairs: [number, number][] = [];
    for (let round = 0; round < Number(options.rounds); round++) {
      pairs.push([await cpuMicros(bare), await cpuMicros(limited)]);
    }
    await limiter.close();
    const difference = median(pairs.map(([without, withLimit]) => withLimit - without));
    return {
      bareMicros: median(pairs.map(([without]) => without)),
      limitedMicros: median(pairs.map(([, withLimit]) => withLimit)),
      overhead: { measured: difference, goal: `at most ${GOAL_MICROS}`, met: difference <= GOAL_MICROS },
    };
  },
  render: ({ bareMicros, limitedMicros, overhead }) =>
    `bare ${bareMicros.toFixed(1)} µs, limited ${limitedMicros.toFixed(1)} µs: ${overhead.measured.toFixed(1)} µs more per ` +
    `request (goal: ${overhead.goal}, ${overhead.met ? "met" : "not met"})`,
};

/** Answers at once, with the requested consumed capacity, so that both clients parse the same response. */
function stubbedClient(): DynamoDBClient {
  const capacity = { TableName: "bulk", CapacityUnits: 1, Table: { CapacityUnits: 1 } };
  const body = new TextEncoder().encode(JSON.stringify({ ConsumedCapacity: capacity }));
  const headers = { "content-type": "application/x-amz-json-1.0" };
  const requestHandler = { handle: async () => ({ response: { statusCode: 200, headers, body } }) };
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new DynamoDBClient({ region: "eu-central-1", credentials, requestHandler: requestHandler as never });
}

/** CPU time of one request, user and system, averaged over a batch. */
async function cpuMicros(client: DynamoDBClient): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < BATCH; i++) {
    const Key = { k: { S: String(i) } };
    const update = { UpdateExpression: "SET q = :q", ExpressionAttributeValues: { ":q": { N: "1" } } };
    const ask = { ReturnConsumedCapacity: "INDEXES" } as const;
    await client.send(new UpdateItemCommand({ TableName: "bulk", Key, ...update, ...ask }));
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / BATCH;
}
