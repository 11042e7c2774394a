/** One segment of a table or index as a source: one Scan request a page. */
import { type DynamoDBClient, ScanCommand, type ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Job, TableSource } from "../../jobs/job";
import type { Cursor } from "../../jobs/unit";
import type { Source, SourcePage } from "../source";
import type { PageSize } from "./pageSize";

export interface TableScanOptions {
  /** Its reads are limited by whoever gives it. */
  readonly client: DynamoDBClient;
  readonly job: Pick<Job, "source" | "units">;
  /** Number of the segment, from 0. */
  readonly segment: number;
  /** How many items to ask for. */
  readonly pageSize: PageSize;
  /** Makes a call until it succeeds, fails for good, or the signal aborts. */
  readonly retry: <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;
}

export class TableScan implements Source {
  private readonly input: ScanCommandInput;

  constructor(private readonly options: TableScanOptions) {
    const { job, segment } = options;
    this.input = { ...scanInput(job.source), Segment: segment, TotalSegments: job.units };
  }

  async read(cursor: Cursor | undefined, abortSignal: AbortSignal): Promise<SourcePage> {
    const { client, pageSize, retry } = this.options;
    const Limit = pageSize.items();
    const position = cursor === undefined ? {} : { ExclusiveStartKey: cursor as ScanCommandInput["ExclusiveStartKey"] };
    const input = { ...this.input, ...position, ...(Limit === undefined ? {} : { Limit }) };
    const output = await retry(() => client.send(new ScanCommand(input), { abortSignal }), abortSignal);
    const { Items: items = [], ScannedCount: scannedItems = 0, LastEvaluatedKey, ConsumedCapacity } = output;
    const rcu = ConsumedCapacity?.CapacityUnits ?? 0;
    pageSize.observe(scannedItems, rcu);
    return { items, scannedItems, cursor: LastEvaluatedKey, rcu };
  }
}

/** What a source asks of Scan, without segment and position. */
export function scanInput(source: TableSource): ScanCommandInput {
  return {
    TableName: source.table,
    IndexName: source.index,
    ConsistentRead: source.consistentRead || undefined,
    FilterExpression: source.filter,
    ProjectionExpression: source.projection,
    ExpressionAttributeNames: source.names,
    ExpressionAttributeValues: source.values,
    ReturnConsumedCapacity: "INDEXES",
  };
}
