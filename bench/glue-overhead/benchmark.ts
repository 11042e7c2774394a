/**
 * The cost of the Python package's limit per boto3 call while capacity is available, against a stub that answers at once. The
 * ledger is a real one, in DynamoDB Local. The cost has two parts. The first is paid by the thread that makes the call: a limited
 * client makes short blocks of calls in turns with a plain one. The second is paid by the threads that visit the ledger, while a
 * limited client makes calls for some time.
 */
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Command } from "commander";
import { DynamoDbLocal } from "../../local/backends/dynamodbLocal";
import { createTable, stringKeys } from "../../local/fillTable";
import { PYTHON_PROJECT, requireEnvironment } from "../../local/glue/python/environment";
import type { Benchmark } from "../benchmark";
import { type Figure, renderFigure } from "../capacity/figures";
import { median } from "../median";

/** Microseconds of CPU per call. */
export interface OverheadReport {
  readonly met: boolean;
  readonly plainMicros: number;
  /** More than that in the thread that makes a limited call. */
  readonly moreMicros: number;
  readonly visitMicros: number;
  readonly figures: readonly Figure[];
}

/** What measure.py prints, microseconds of CPU per call. */
interface Measured {
  /** In the thread that makes the calls: one block by each client. */
  readonly pairs: readonly { readonly plain: number; readonly limited: number }[];
  /** In all other threads: one stretch of limited calls each. */
  readonly visits: readonly number[];
}

const GOAL_MICROS = 100;
const TABLE = "orders";
const JOBS = "jobs";

export const benchmark: Benchmark<OverheadReport> = {
  summary:
    "Measure the CPU time that a limit of the Python package adds to a boto3 call, against a stub (two minutes).",
  options: (command: Command) => {
    command
      .option("--pairs <n>", "blocks of 20 calls by each client", "1500")
      .option("--stretches <n>", "stretches of calls for the visits", "20")
      .option("--calls <n>", "calls in a stretch", "1000");
  },
  run: async ({ pairs, stretches, calls }) => {
    const { python } = await requireEnvironment();
    const stub = await startStub();
    const database = await DynamoDbLocal.start();
    try {
      await makeTables(database.endpoint);
      const { port } = stub.address() as AddressInfo;
      const script = join(__dirname, "measure.py");
      const args = [script, `http://127.0.0.1:${port}`, TABLE, JOBS, String(pairs), String(stretches), String(calls)];
      const { stdout } = await promisify(execFile)(python, args, { env: variables(database.endpoint) });
      return report(JSON.parse(stdout) as Measured);
    } finally {
      stub.close();
      await database.stop();
    }
  },
  render: ({ plainMicros, moreMicros, visitMicros, figures }) =>
    [
      `An UpdateItem by a plain client takes ${plainMicros.toFixed(1)} µs of CPU.`,
      `By a limited one it takes ${moreMicros.toFixed(1)} µs more, and visits to the ledger take ${visitMicros.toFixed(1)} µs per call.`,
      ...figures.map(renderFigure),
    ].join("\n"),
};

/** Answers every write with success, and with its consumption if that was requested. */
async function startStub(): Promise<Server> {
  const consumed = { TableName: TABLE, CapacityUnits: 1, Table: { CapacityUnits: 1 } };
  const asked = JSON.stringify({ ConsumedCapacity: consumed });
  const stub = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0" });
      response.end(body.includes("ReturnConsumedCapacity") ? asked : "{}");
    });
  });
  stub.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => stub.listen(0, "127.0.0.1", resolve));
  return stub;
}

async function makeTables(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  await createTable(client, JOBS, stringKeys("pk", "sk"));
  await createTable(client, TABLE);
  client.destroy();
}

/** boto3 finds the ledger's table through them; the measured clients use the stub. */
function variables(endpoint: string): NodeJS.ProcessEnv {
  const aws = { AWS_DEFAULT_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
  return { ...process.env, ...aws, AWS_ENDPOINT_URL_DYNAMODB: endpoint, PYTHONPATH: join(PYTHON_PROJECT, "src") };
}

/**
 * The median of the differences, because other load slows both blocks of a pair alike. For the visits the best stretch: a busy
 * machine makes fewer calls between two visits.
 */
function report({ pairs, visits }: Measured): OverheadReport {
  const plainMicros = median(pairs.map(({ plain }) => plain));
  const moreMicros = median(pairs.map(({ plain, limited }) => limited - plain));
  const visitMicros = Math.min(...visits);
  const measured = moreMicros + visitMicros;
  const met = measured <= GOAL_MICROS;
  const figure = { name: "µs of CPU more per boto3 call", measured, goal: `at most ${GOAL_MICROS}`, met };
  return { met, plainMicros, moreMicros, visitMicros, figures: [figure] };
}
