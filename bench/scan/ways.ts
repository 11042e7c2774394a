/** Three ways to read a whole table with the same concurrency. */

import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { parallelScanAsStream } from "@shelf/dynamodb-parallel-scan";
import pLimit from "p-limit";
import { withoutLog } from "../../shared/aws/clients";
import { systemClock } from "../../shared/clock";
import { workPages } from "../../shared/engine/pageLoop";
import type { Job } from "../../shared/jobs/job";
import { DynamoDbUnits } from "../../shared/jobs/storage/dynamoDbUnits";
import { type Counted, count } from "../../shared/operations/count/count";
import type { Operation, Tools } from "../../shared/operations/operation";
import { readScansFast } from "../../shared/sources/table/scanResponses";
import { TableScan } from "../../shared/sources/table/tableScan";

export const JOBS_TABLE = "jobs";

/** Segments read at once, in every way. */
export const AT_ONCE = 4;

/** Reads all of the table. @returns how many items there were. */
export type Way = (client: DynamoDBClient, table: string, segments: number) => Promise<number>;

/** Ours: the scan loop with `count`, which visits every item, and with its checkpoints. */
const sluice: Way = async (given, table, segments) => {
  const client = readScansFast(withoutLog(given));
  const id = `bench-${Date.now()}-${Math.random()}`;
  const job = {
    id,
    work: { operation: "count", table },
    operation: { name: "count", params: {} },
    units: segments,
  } as unknown as Job;
  const retry = <T>(call: () => Promise<T>) => call();
  const units = new DynamoDbUnits({ client, table: JOBS_TABLE, retry });
  const limit = pLimit(AT_ONCE);
  const totals = await limit.map(
    Array.from({ length: segments }, (_, segment) => segment),
    async (segment) => {
      const lease = { job: id, unit: segment, owner: "bench", turn: 0 };
      const { unit } = await units.take({ ...lease, now: Date.now(), until: Date.now() + 900_000 });
      const budget = { perSecond: () => undefined, mostItems: () => undefined, observe: () => undefined };
      const spec = { kind: "table", table, consistentRead: false } as const;
      const source = new TableScan(
        { spec, unit: segment, units: segments, averageBytes: undefined },
        { dynamodb: client, s3: new S3Client({}), budget, retry },
      );
      const stretch = await workPages({
        job,
        unit,
        source,
        budget,
        operation: count as Operation,
        tools: { signal: new AbortController().signal } as Tools,
        clock: systemClock,
        stopAt: Number.POSITIVE_INFINITY,
        save: async (checkpoint) => void (await units.save(lease, checkpoint, Date.now())),
      });
      return stretch.end === "exhausted" ? (stretch.checkpoint.result as Counted).items : Number.NaN;
    },
  );
  return totals.reduce((sum, each) => sum + each, 0);
};

/** The minimum with the SDK: it reads pages and drops them. */
const bare: Way = async (client, table, segments) => {
  const totals = await Promise.all(
    Array.from({ length: segments }, async (_, Segment) => {
      let items = 0;
      let ExclusiveStartKey: Record<string, never> | undefined;
      do {
        const input = { TableName: table, Segment, TotalSegments: segments, ExclusiveStartKey };
        const output = await client.send(new ScanCommand(input));
        items += output.Items?.length ?? 0;
        ExclusiveStartKey = output.LastEvaluatedKey as never;
      } while (ExclusiveStartKey !== undefined);
      return items;
    }),
  );
  return totals.reduce((sum, each) => sum + each, 0);
};

/** The usual library for this. Its stream is read and dropped. */
const shelf: Way = async (client, table, segments) => {
  const options = { concurrency: segments, chunkSize: 10_000, client: DynamoDBDocumentClient.from(client) };
  const stream = await parallelScanAsStream({ TableName: table }, options as never);
  let items = 0;
  for await (const chunk of stream as AsyncIterable<unknown[]>) items += chunk.length;
  return items;
};

export const ways = { sluice, bare, shelf } as const;
