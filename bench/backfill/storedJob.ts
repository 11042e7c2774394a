/** The records of the benchmark's jobs in the jobs table. */
import { randomUUID } from "node:crypto";
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Job, JobLimit, OperationChoice } from "../../shared/jobs/job";
import { jobKey, specKey, toAttributes } from "../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../shared/jobs/storage/ledgers";
import { COPY, JOBS, SOURCE } from "./places";

/** Capacity units per second, so many that nothing ever waits. */
const PLENTY = 1e6;

/** A worker's operation and its table. */
export interface Work {
  readonly operation: OperationChoice;
  readonly target: string;
}

/** Two templates, and a condition besides: the item must exist with three attributes as they were read. */
export const update: Work = {
  target: SOURCE,
  operation: {
    name: "update",
    params: {
      update: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the update's
        set: { GSISK: "${status}#${placedAt}", NewAttribute: { S: "NewAttributeValue" } },
        onlyIf: "attribute_not_exists(GSISK)",
      },
    },
  },
};

export const copy: Work = { target: COPY, operation: { name: "copy", params: { to: COPY } } };

/** Puts a job, with its ledgers, into the jobs table. */
export async function storedJob(work: Work, client: DynamoDBClient): Promise<Job> {
  const job = jobOf(work);
  await store(job, client);
  return job;
}

function jobOf({ operation, target }: Work): Job {
  const limit = (direction: JobLimit["direction"], table: string) => ({ direction, table, limits: { table: PLENTY } });
  return {
    ...{ id: randomUUID(), work: { operation: operation.name, table: SOURCE }, operation, state: "running" },
    source: { kind: "table", table: SOURCE, consistentRead: false },
    target: { name: target, keys: ["id"], keyTypes: { id: "S" }, indexes: [] },
    ...{ identity: {}, units: 1, unitsDone: 0, unitsFailed: 0, epoch: 0, claimed: 0, chains: 1 },
    limits: [limit("read", SOURCE), limit("write", target)],
    ...{ estimatedItems: 0, estimatedBytes: 0, createdAt: Date.now() },
  };
}

async function store(job: Job, client: DynamoDBClient): Promise<void> {
  const { source, identity, operation, target, ...head } = job;
  const records = [
    { ...specKey(job.id), ...toAttributes({ source, identity, operation, target }) },
    { ...jobKey(job.id), ...toAttributes(head) },
  ];
  for (const Item of records) await client.send(new PutItemCommand({ TableName: JOBS, Item }));
  for (const limit of job.limits) await ledgerOf(client, JOBS, job, limit).create(limit.limits, Date.now());
}
