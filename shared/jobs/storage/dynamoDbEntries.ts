/**
 * The entries of a job in the jobs table. Reads are strongly consistent, and in order without sorting, because the sort
 * key has the order.
 */
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Entries, Entry } from "../../operations/operation";
import { entryKey, fromAttributes, sortKeyPrefixes, toAttributes } from "./jobsTable";
import { queryJob } from "./reading";

export interface DynamoDbEntriesOptions {
  /** A client without capacity plug-in: the jobs table is not what the job works on. */
  readonly client: DynamoDBClient;
  /** Name of the jobs table. */
  readonly table: string;
  /** Id of the job. */
  readonly job: string;
  /** When the job's records expire, seconds since the epoch. Default: never. */
  readonly expiresAt?: number | undefined;
  /** Makes a call until it succeeds, fails for good, or time is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

export class DynamoDbEntries implements Entries {
  constructor(private readonly options: DynamoDbEntriesOptions) {}

  async put(unit: number, number: number, value: object): Promise<void> {
    const { client, table: TableName, job, expiresAt, retry } = this.options;
    const Item = { ...entryKey(job, unit, number), ...toAttributes({ unit, number, value, expiresAt }) };
    await retry(() => client.send(new PutItemCommand({ TableName, Item })));
  }

  async *list(): AsyncGenerator<Entry> {
    const { client, table, job, retry } = this.options;
    const items = queryJob(client, table, job, sortKeyPrefixes.entry, { ConsistentRead: true, retry });
    for await (const item of items) yield fromAttributes<Entry>(item);
  }
}
