/** A worker's parts on DynamoDB Local. */
import { randomUUID } from "node:crypto";
import { isTransient, retryTransient } from "../../shared/aws/transient";
import { systemClock } from "../../shared/clock";
import { noUsage } from "../../shared/cost/usage";
import type { ChainTurn } from "../../shared/drivers/driver";
import { divideTime } from "../../shared/drivers/invocationTime";
import { readingOperations } from "../../shared/operations/reading";
import { workChain } from "../../shared/worker/workChain";
import type { WorkParts } from "../../shared/worker/workParts";
import type { DynamoDbLocal } from "./dynamoDbLocal";

/** An event that a worker has published. */
export interface Published {
  readonly type: string;
  readonly detail: Record<string, unknown>;
}

/** Time of an invocation, milliseconds. */
const INVOCATION_MS = 20_000;

/** Works on a message like a function of the queue driver, and on the messages that follow. */
export async function workTurns(message: ChainTurn, parts: WorkParts): Promise<void> {
  const turns = [message];
  for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) {
    const time = divideTime(Date.now(), INVOCATION_MS);
    const driver = { dispatch: async (next: readonly ChainTurn[]) => void turns.push(...next) };
    const signals = { workSignal: AbortSignal.timeout(INVOCATION_MS), signal: AbortSignal.timeout(INVOCATION_MS) };
    await workChain(
      turn,
      { owner: `request/${randomUUID()}`, ...time, ...signals, driver },
      { ...parts, mostWorkers: 1, random: Math.random },
    );
  }
}

/** A worker that reads and publishes to `events`. It has no S3. */
export function localWorkParts({ client, endpoint }: DynamoDbLocal, jobsTable: string, events: Published[]): WorkParts {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return {
    ...{ dynamodb: client, clientConfig: { endpoint, region: "eu-central-1", credentials, maxAttempts: 1 } },
    s3: undefined as never,
    events: {
      send: async ({ input }: { input: { Entries: { DetailType: string; Detail: string }[] } }) => {
        for (const { DetailType, Detail } of input.Entries)
          events.push({ type: DetailType, detail: JSON.parse(Detail) });
        return {};
      },
    } as never,
    operations: readingOperations,
    ...{ jobsTable, resultsBucket: "none", eventBus: "lab", clock: systemClock, retryTransient, isTransient },
    ...{ backoffMs: () => 1_000, onLedgerError: () => undefined, onUnit: () => undefined, onEnd: () => undefined },
    usage: () => noUsage,
  };
}
