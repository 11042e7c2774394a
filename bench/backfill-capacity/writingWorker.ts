/** One worker of a backfill on virtual time: page loop, source, operation, writers, limiter and ledger are the real ones. */
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { FinalizeRequestMiddleware } from "@smithy/types";
import { withoutLog } from "../../shared/aws/clients";
import { type CapacityLimits, lowestLimit } from "../../shared/capacity/metering/limits";
import { capacityPlugin } from "../../shared/capacity/plugin/capacityPlugin";
import { CapacityLimiter } from "../../shared/capacity/worker/limiter";
import { Budget } from "../../shared/engine/budget";
import { workPages } from "../../shared/engine/pageLoop";
import { SluiceError } from "../../shared/errors";
import type { Job } from "../../shared/jobs/job";
import { noCounts, type Unit } from "../../shared/jobs/unit";
import type { Tools } from "../../shared/operations/operation";
import { writingOperations } from "../../shared/operations/writing";
import { TableScan } from "../../shared/sources/table/tableScan";
import { PAUSE_MS } from "../../shared/worker/capacitySession";
import type { World } from "../../test/support/simulation/simulation";
import type { MachineClock } from "../../test/support/virtualTime";
import { schema, TABLE } from "./cells";
import type { SimulatedTable } from "./simulatedTable";

/** How long it takes to save a checkpoint, and to end a unit and begin the next, milliseconds. */
const SAVE_MS = 10;
const NEXT_UNIT_MS = 30;

const spec = { kind: "table", table: TABLE, consistentRead: false } as const;

// biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the update's
const update = { set: { tag: "${nextTag}", done: { S: "yes" } }, onlyIf: "version > :zero", values: { ":zero": 0 } };

const job = {
  id: "job",
  work: { operation: "update", table: TABLE },
  operation: { name: "update", params: { update } },
  target: schema,
  keys: schema.keys,
  units: 1,
} as unknown as Job;

/** Works on one unit after the other until the time is over. */
export async function writingWorker(world: World, table: SimulatedTable, untilMs: number): Promise<void> {
  const clock = world.machine();
  const stopAt = clock.now() + untilMs - world.time.now;
  const limiter = new CapacityLimiter({
    ...{ ledger: world.ledger(clock), clock, random: world.random },
    ...{ whenPaused: "reject", pauseMs: PAUSE_MS },
  });
  limiter.open({ deadline: stopAt });
  const client = simulated(table, clock);
  client.middlewareStack.use(capacityPlugin(limiter, { table: TABLE, direction: "write" }));
  const limits = () => limiter.limits ?? world.limits;
  while (clock.now() < stopAt) {
    await workOnUnit(client, limiter, clock, stopAt, limits);
    await clock.sleep(NEXT_UNIT_MS);
  }
  await limiter.close();
}

async function workOnUnit(
  dynamodb: DynamoDBClient,
  limiter: CapacityLimiter,
  clock: MachineClock,
  stopAt: number,
  limits: () => CapacityLimits,
): Promise<void> {
  const retry: Tools["retry"] = (call) => call();
  const s3 = { send: async () => ({}) } as unknown as S3Client;
  const perSecond = (direction: string) => (direction === "write" ? lowestLimit(limits()) : undefined);
  const budget = new Budget({ clock, deadline: stopAt, perSecond });
  const source = new TableScan({ spec, unit: 0, units: 1, averageBytes: 400 }, { dynamodb, s3, budget, retry });
  const tools = {
    ...{ dynamodb, s3, bucket: "results", prefix: "job/", retry },
    limits,
    requestMs: () => limiter.requestMs,
    consumed: () => limiter.consumed,
    signal: new AbortController().signal,
    entries: { put: async () => undefined, list: async function* () {} },
  } satisfies Tools;
  const unit = { number: 0, counts: noCounts, rcuPerSecond: 0, updatedAt: 0 } as unknown as Unit;
  const operation = writingOperations.named("update")!;
  const save = () => clock.sleep(SAVE_MS);
  await workPages({ job, unit, source, budget, operation, tools, clock, stopAt, save });
}

/**
 * Makes a request, so that the SDK has read its configuration files. It reads them at the first request, in real time, and on a
 * busy machine virtual time would be over before.
 */
export async function readSdkConfig(): Promise<void> {
  await clientOf(async () => ({})).send(new ScanCommand({ TableName: TABLE }));
}

/** A client whose requests, once they are let through, go to the simulated table. */
function simulated(table: SimulatedTable, clock: MachineClock): DynamoDBClient {
  return clientOf(async (command, input) => {
    if (command === "ScanCommand") return table.scan(input, clock);
    if (command === "BatchExecuteStatementCommand") return table.execute(input, clock);
    throw new SluiceError("UNEXPECTED_COMMAND", `The simulated table knows no ${command}.`, { value: command });
  });
}

function clientOf(answerOf: (command: unknown, input: never) => Promise<object>): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = withoutLog(new DynamoDBClient({ region: "us-east-1", credentials, maxAttempts: 1 }));
  const answer: FinalizeRequestMiddleware<never, never> = (_next, context) => async (args) => {
    const output = await answerOf(context.commandName, args.input);
    return { output: { ...output, $metadata: {} } as never, response: {} };
  };
  client.middlewareStack.add(answer as never, { step: "finalizeRequest", priority: "low", name: "simulatedTable" });
  return client;
}
