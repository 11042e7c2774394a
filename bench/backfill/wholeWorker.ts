/**
 * The writing worker, whole: turns at a chain of a job, with everything that a turn has. Its jobs table, with unit, chain and
 * ledgers, is in DynamoDB Local; the table that it reads and writes is the stub's, whose scan never ends.
 */
import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { clientSettings, withoutLog } from "../../shared/aws/clients";
import { isTransient, retryTransient } from "../../shared/aws/transient";
import { systemClock } from "../../shared/clock";
import { noUsage } from "../../shared/cost/usage";
import type { ChainTurn } from "../../shared/drivers/driver";
import { divideTime } from "../../shared/drivers/invocationTime";
import { readUnits } from "../../shared/jobs/storage/reading";
import { writingOperations } from "../../shared/operations/writing";
import { type WorkerParts, workChain } from "../../shared/worker/workChain";
import type { Written } from "../../shared/writing/written";
import { JOBS, type Places, settingsOf } from "./places";
import { storedJob, type Work } from "./storedJob";

/** Works for this long, in one turn. @returns how many items it has changed. */
export type TurnOf = (ms: number) => Promise<number>;

/** A worker with a job of its own. */
export async function wholeWorker(work: Work, places: Places): Promise<TurnOf> {
  const dynamodb = withoutLog(new DynamoDBClient({ ...clientSettings, ...settingsOf(places.jobs) }));
  const job = await storedJob(work, dynamodb);
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
    const time = { ...divideTime(now, ms + WIND_UP_MS), stopAt: now + ms, deadline: now + ms };
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
    ...{ jobsTable: JOBS, resultsBucket: "results", eventBus: "default", mostWorkers: 1, random: () => 0 },
    backoffMs: () => 0,
    onLedgerError: (error) => {
      throw error;
    },
    onUnit: (_job, _unit, end) => {
      if (end.end !== "stopped") throw new Error(`the unit ended otherwise: ${JSON.stringify(end)}`);
    },
    onEnd: () => undefined,
    usage: () => noUsage,
  };
}

async function updatedOf(job: string, client: DynamoDBClient): Promise<number> {
  let updated = 0;
  for await (const { result } of readUnits(client, JOBS, job, { ConsistentRead: true })) {
    updated += (result as Written).outcomes.updated;
  }
  return updated;
}
