/**
 * Runs one program of this folder and prints the result as JSON. It needs a process of its own: Pulumi runs one program per
 * process.
 */
import { join } from "node:path";
import type { Parts } from "../../../local/parts";
import { runProgram } from "../../../local/program";

const queues: unknown[] = [];
const parts = {
  endpoint: "http://127.0.0.1:4566",
  accountId: "000000000000",
  region: "eu-central-1",
  logGroups: { create: () => undefined },
  queuesAndBuckets: { sqs: async (_: string, input: unknown) => void queues.push(input) },
} as unknown as Parts;
const config = { project: "sluice", values: { "sluice:greeting": "hello" } };

async function main(): Promise<void> {
  const result = await runProgram(join(__dirname, process.argv[2] ?? ""), "dev", config, parts).then(
    (outputs) => ({ outputs }),
    (error: Error & { code?: string; value?: unknown }) => {
      return { error: { name: error.name, code: error.code, value: error.value, message: error.message } };
    },
  );
  // Later errors of Pulumi must not end the process, which still has to clean up.
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.stdout.write(JSON.stringify({ ...result, queues }), () => process.exit(0));
}

void main();
