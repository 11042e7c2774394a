/**
 * The cost of the Python package's limit per boto3 call while capacity is available: a limited client beside a plain one, in one
 * Python process and in turns, against a stub that answers at once. The ledger is a real one, in DynamoDB Local.
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

export interface OverheadReport {
  readonly met: boolean;
  readonly plainMicros: number;
  readonly limitedMicros: number;
  readonly figures: readonly Figure[];
}

/** CPU of one call with each client, microseconds: means of one round. */
interface Round {
  readonly plain: number;
  readonly limited: number;
}

const GOAL_MICROS = 100;
const TABLE = "orders";
const JOBS = "jobs";

export const benchmark: Benchmark<OverheadReport> = {
  summary: "Measure the CPU time that a limit of the Python package adds to a boto3 call, against a stub (a minute).",
  options: (command: Command) => {
    command
      .option("--rounds <n>", "rounds of calls with each client", "40")
      .option("--calls <n>", "calls in a round with each client", "300");
  },
  run: async ({ rounds, calls }) => {
    const { python } = await requireEnvironment();
    const stub = await startStub();
    const database = await DynamoDbLocal.start();
    try {
      await makeTables(database.endpoint);
      const { port } = stub.address() as AddressInfo;
      const script = join(__dirname, "measure.py");
      const args = [script, `http://127.0.0.1:${port}`, TABLE, JOBS, String(rounds), String(calls)];
      const { stdout } = await promisify(execFile)(python, args, { env: variables(database.endpoint) });
      return report(JSON.parse(stdout) as Round[]);
    } finally {
      stub.close();
      await database.stop();
    }
  },
  render: ({ plainMicros, limitedMicros, figures }) =>
    [
      `UpdateItem by a plain client: ${plainMicros.toFixed(1)} µs of CPU; by a limited one: ${limitedMicros.toFixed(1)} µs`,
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

/** The best round of each client counts, because other load can only add to a round. */
function report(rounds: readonly Round[]): OverheadReport {
  const plainMicros = Math.min(...rounds.map(({ plain }) => plain));
  const limitedMicros = Math.min(...rounds.map(({ limited }) => limited));
  const measured = limitedMicros - plainMicros;
  const met = measured <= GOAL_MICROS;
  const figure = { name: "µs of CPU more per boto3 call", measured, goal: `at most ${GOAL_MICROS}`, met };
  return { met, plainMicros, limitedMicros, figures: [figure] };
}
