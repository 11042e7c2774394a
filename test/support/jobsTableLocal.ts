/** A jobs table in DynamoDB Local. */
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createTable, stringKeys } from "../../local/fillTable";
import { isTransient } from "../../shared/aws/transient";
import type { Job } from "../../shared/jobs/job";
import { jobKey, specKey, toAttributes } from "../../shared/jobs/storage/jobsTable";
import { type DynamoDbLocal, startDynamoDbLocal } from "./dynamoDbLocal";

export const TABLE = "jobs";

export interface JobsTableLocal extends DynamoDbLocal {
  /** Writes a job's records, head and spec, without ledgers or entries in lists. */
  put(job: Job): Promise<void>;
}

export async function startJobsTable(): Promise<JobsTableLocal> {
  const local = await startDynamoDbLocal();
  const { client } = local;
  await createTable(client, TABLE, stringKeys("pk", "sk"));
  const put = async ({ source, identity, operation, ...head }: Job) => {
    const spec = { source, identity, operation };
    for (const Item of [
      { ...specKey(head.id), ...toAttributes(spec) },
      { ...jobKey(head.id), ...toAttributes(head) },
    ]) {
      await client.send(new PutItemCommand({ TableName: TABLE, Item }));
    }
  };
  return { ...local, put };
}

/** Repeats a call that may succeed later, without a pause. */
export async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
}
