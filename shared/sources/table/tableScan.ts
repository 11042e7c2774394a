/** One segment of a table or index: each page is one Scan request. */
import { ScanCommand, type ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { dynamoJson, revived } from "../../aws/dynamoJson";
import type { Item } from "../../aws/itemSize";
import { readBytes } from "../../capacity/metering/capacityUnits";
import type { Cursor, Source, SourcePage, SourceTools, UnitOfSource } from "../source";
import { PageSize } from "./pageSize";
import { segmentOf } from "./segments";
import type { TableSpec } from "./spec";

export class TableScan implements Source {
  private readonly input: ScanCommandInput;
  private readonly pageSize: PageSize;

  constructor(
    private readonly unit: UnitOfSource<TableSpec>,
    private readonly tools: SourceTools,
  ) {
    const { spec, unit: number, units, averageBytes, before } = unit;
    this.input = { ...scanInput(spec), ...segmentOf(number, units, spec.sample) };
    this.pageSize = new PageSize({ budget: tools.budget, consistentRead: spec.consistentRead, averageBytes, before });
  }

  async read(cursor: Cursor | undefined, abortSignal: AbortSignal): Promise<SourcePage> {
    const { dynamodb, retry } = this.tools;
    const Limit = this.pageSize.items();
    const position = cursor === undefined ? {} : { ExclusiveStartKey: keyOf(cursor) };
    const input = { ...this.input, ...position, ...(Limit === undefined ? {} : { Limit }) };
    const output = await retry(() => dynamodb.send(new ScanCommand(input), { abortSignal }));
    const { Items: items = [], ScannedCount: scannedItems = 0, LastEvaluatedKey: last, ConsumedCapacity } = output;
    const rcu = ConsumedCapacity?.CapacityUnits ?? 0;
    this.pageSize.observe(scannedItems, rcu, items.length);
    const scannedBytes = readBytes(rcu, this.unit.spec.consistentRead ? "strong" : "eventual");
    return { items, scannedItems, scannedBytes, cursor: last === undefined ? undefined : cursorOf(last), rcu };
  }
}

/** A spec as Scan's input, without segment and position. */
export function scanInput(spec: TableSpec): ScanCommandInput {
  return {
    TableName: spec.table,
    IndexName: spec.index,
    ConsistentRead: spec.consistentRead || undefined,
    FilterExpression: spec.filter,
    ProjectionExpression: spec.projection,
    ExpressionAttributeNames: spec.names,
    ExpressionAttributeValues: spec.values,
    ReturnConsumedCapacity: "INDEXES",
  };
}

/** LastEvaluatedKey as JSON, with binary keys as base64. */
function cursorOf(key: Item): Cursor {
  return JSON.parse(dynamoJson(key)) as Cursor;
}

function keyOf(cursor: Cursor): Item {
  return revived(structuredClone(cursor) as Parameters<typeof revived>[0]);
}
