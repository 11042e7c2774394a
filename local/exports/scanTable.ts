import { askDynamoDb } from "../gateway/askDynamoDb";
import type { BackendRequest, BackendResponse } from "../gateway/message";
import { jsonOf } from "../gateway/rewrite";
import type { WireItem } from "../gateway/wire";
import type { ExportFilter } from "./exportInput";

export interface ScanOptions extends ExportFilter {
  /** Hands a request to DynamoDB. */
  send(request: BackendRequest): Promise<BackendResponse>;
  region: string;
  TableName: string;
  Segment: number;
  TotalSegments: number;
}

/** DynamoDB's refusal of a table's scan with this filter. Undefined: it refuses nothing. */
export async function refusalOf(
  TableName: string,
  filter: ExportFilter,
  { send, region }: Pick<ScanOptions, "send" | "region">,
): Promise<BackendResponse | undefined> {
  const response = await askDynamoDb(send, region, "Scan", { TableName, ...filter, Limit: 1 });
  return response.status === 200 ? undefined : response;
}

type Page = { Items: WireItem[]; LastEvaluatedKey?: WireItem };

/** The pages of a segment of a table, without the gateway, so that nobody is charged. @throws Error if DynamoDB refuses. */
export async function* scanTable({ send, region, ...scan }: ScanOptions): AsyncGenerator<WireItem[]> {
  let ExclusiveStartKey: WireItem | undefined;
  do {
    const response = await askDynamoDb(send, region, "Scan", { ...scan, ExclusiveStartKey, ConsistentRead: true });
    const page = response.status === 200 ? jsonOf<Page>(response) : undefined;
    if (!page) throw new Error(`DynamoDB Scan ${scan.TableName}: ${response.body.toString()}`);
    yield page.Items;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
