import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

const events = new EventBridgeClient({});

/** Publishes that the jobs are completed. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const Entries = Records.map(({ body }) => ({
    Source: "sluice",
    DetailType: "Job completed",
    Detail: JSON.stringify({ job: body }),
  }));
  const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
  if (FailedEntryCount) throw new Error(`${FailedEntryCount} events were not taken`);
  return { batchItemFailures: [] };
}
