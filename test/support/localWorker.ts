/** A worker's parts on DynamoDB Local. */
import { isTransient, retryTransient } from "../../shared/aws/transient";
import { systemClock } from "../../shared/clock";
import { noUsage } from "../../shared/cost/usage";
import { readingOperations } from "../../shared/operations/reading";
import type { WorkParts } from "../../shared/worker/workParts";
import type { DynamoDbLocal } from "./dynamoDbLocal";

/** An event that a worker has published. */
export interface Published {
  readonly type: string;
  readonly detail: Record<string, unknown>;
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
    ...{ backoffMs: () => 1_000, onLedgerError: () => undefined, onUnit: () => undefined },
    usage: () => noUsage,
  };
}
