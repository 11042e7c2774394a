import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { SluiceError } from "../../../shared/errors";
import { askDynamoDb } from "../askDynamoDb";
import type { BackendRequest, BackendResponse } from "../message";
import { jsonOf } from "../rewrite";
import { schemaOf, type TableSchema } from "./schema";

type Send = (request: BackendRequest) => Promise<BackendResponse>;

/** Asks DynamoDB for a table's keys and indexes. @throws SluiceError NO_SUCH_TABLE. */
export async function describeTable(TableName: string, region: string, send: Send): Promise<TableSchema> {
  const table = await tableDescription(TableName, region, send);
  if (table) return schemaOf(table);
  throw new SluiceError("NO_SUCH_TABLE", `There is no table ${TableName}.`, { value: TableName });
}

/** DynamoDB's description of a table; undefined if there is none. */
export async function tableDescription(
  TableName: string,
  region: string,
  send: Send,
): Promise<TableDescription | undefined> {
  const response = await askDynamoDb(send, region, "DescribeTable", { TableName });
  return jsonOf<{ Table?: TableDescription }>(response)?.Table;
}
