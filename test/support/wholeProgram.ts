import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { type Deployment, deploy } from "../shared/infra/deploy";

/**
 * Deploys the stack prod with every option that adds resources. The test has to mock `shared/infra/bundle`, because bundling
 * takes long.
 * @param secrets config keys without the project's name, as if they were set with `--secret`
 */
export function deployEverything(changes: Record<string, string>, secrets: string[] = []): Promise<Deployment> {
  const { config } = parse(readFileSync(resolve(__dirname, "../../Pulumi.prod.yaml"), "utf8"));
  const everything = {
    "sluice:senderAccess": "cognito-guest",
    "sluice:ingestWriteCapacityLimit": "100",
    "sluice:ingestAlarmEmail": "a@lab.example",
    "sluice:jobsAlarmEmail": "a@lab.example",
    "sluice:jobsCompletionEmail": "a@lab.example",
    "sluice:scannerAlarmEmail": "a@lab.example",
    "sluice:shuffleAlarmEmail": "a@lab.example",
    "sluice:shuffleSchedule": "cron(0 3 * * ? *)",
    "sluice:shuffleScheduledRequest": '{"operation":"count","table":"orders-of-the-year-2000","readRate":"50%"}',
    "sluice:glueWorkers": "3",
    "sluice:glueAlarmEmail": "a@lab.example",
    "sluice:backfillAlarmEmail": "a@lab.example",
    "sluice:backfillTables": "orders-of-the-year-1999",
    // There are so many tables that a role needs managed policies.
    "sluice:scannerTables": Array.from({ length: 50 }, (_, n) => `orders-of-the-year-${2_000 + n}`).join(","),
  };
  const texts = Object.entries({ ...config, ...everything, ...changes }).map(([key, value]) => [key, String(value)]);
  return deploy(program, { config: Object.fromEntries(texts), secretKeys: secrets.map((key) => `sluice:${key}`) });
}

/** Runs the program anew. @returns the stack's outputs */
function program(): unknown {
  let outputs: unknown;
  jest.isolateModules(() => {
    outputs = require("../../index");
  });
  return outputs;
}
