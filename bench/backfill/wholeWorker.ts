/**
 * The writing worker, whole: turns at a chain of a job, with everything that a turn has. Its jobs table, with unit, chain and
 * ledgers, is in DynamoDB Local; the table that it reads and writes is the stub's, whose scan never ends.
 */
import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { clientSettings, withoutLog } from "../../shared/aws/clients";
import { isTransient, retryTransient } from "../../shared/aws/transient";
import { systemClock } from "../../shared/clock";
import { noUsage } from "../../shared/cost/usage";
import type { ChainTurn } from "../../shared/drivers/driver";
import { divideTime } from "../../shared/drivers/invocationTime";
import type { Job, JobLimit, OperationChoice } from "../../shared/jobs/job";
import { jobKey, specKey, toAttributes } from "../../shared/jobs/storage/jobsTable";
import { ledgerOf } from "../../shared/jobs/storage/ledgers";
import { readUnits } from "../../shared/jobs/storage/reading";
import { writingOperations } from "../../shared/operations/writing";
import { type WorkerParts, workChain } from "../../shared/worker/workChain";
import type { Written } from "../../shared/writing/written";
import { COPY, JOBS, type Places, SOURCE, settingsOf } from "./places";

/** So many capacity units a second that nothing ever waits. */
const PLENTY = 1e6;

/** What a worker does, and to which table. */
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

/** Works for so long, in one turn. @returns how many items it has changed. */
export type TurnOf = (ms: number) => Promise<number>;

/** A worker with a job of its own. */
export async function wholeWorker({ operation, target }: Work, places: Places): Promise<TurnOf> {
  const dynamodb = withoutLog(new DynamoDBClient({ ...clientSettings, ...settingsOf(places.jobs) }));
  const job = jobOf(operation, target);
  await store(job, dynamodb);
  const parts = partsOf(dynamodb, places);
  let turn: ChainTurn = { job: job.id, chain: 0, turn: 0 };
  const driver = {
    dispatch: async (turns: readonly ChainTurn[]) => {
      turn = turns.find(({ chain }) => chain === 0) ?? turn;
    },
  };
  let before = 0;
  return async (ms) => {
    const now = Date.now();
    const { signal } = new AbortController();
    const time = { ...divideTime(now, ms + WIND_UP_MS), stopAt: now + ms };
    await workChain(turn, { driver, owner: randomUUID(), ...time, workSignal: signal, signal }, parts);
    const after = await updatedOf(job.id, dynamodb);
    const updated = after - before;
    before = after;
    return updated;
  };
}

const WIND_UP_MS = 20_000;

function partsOf(dynamodb: DynamoDBClient, { stub }: Places): WorkerParts {
  const settings = { ...clientSettings, ...settingsOf(stub) };
  return {
    ...{ dynamodb, clientConfig: settings, clock: systemClock, isTransient, retryTransient },
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    events: new EventBridgeClient(settings),
    operations: writingOperations,
    ...{ jobsTable: JOBS, resultsBucket: "results", eventBus: "default", mostWorkers: 1 },
    backoffMs: () => 0,
    onLedgerError: (error) => {
      throw error;
    },
    onUnit: (_job, _unit, end) => {
      if (end.end !== "stopped") throw new Error(`the unit ended otherwise: ${JSON.stringify(end)}`);
    },
    usage: () => noUsage,
  };
}

function jobOf(operation: OperationChoice, target: string): Job {
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

async function updatedOf(job: string, client: DynamoDBClient): Promise<number> {
  let updated = 0;
  for await (const { result } of readUnits(client, JOBS, job, { ConsistentRead: true })) {
    updated += (result as Written).outcomes.updated;
  }
  return updated;
}
