import { SluiceError } from "../../../shared/errors";
import { type BackendRequest, type BackendResponse, jsonResponse } from "../message";
import { jsonOf } from "./rewrite";
import { schemaOf, type TableSchema } from "./schema";

/** Asks DynamoDB for a table's keys and indexes. @throws SluiceError NO_SUCH_TABLE. */
export async function describeTable(
  TableName: string,
  region: string,
  send: (request: BackendRequest) => Promise<BackendResponse>,
): Promise<TableSchema> {
  const response = await send({
    method: "POST",
    url: "/",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.DescribeTable",
      authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20200101/${region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: jsonResponse(200, { TableName }).body,
  });
  const table = jsonOf<{ Table?: unknown }>(response)?.Table;
  if (table) return schemaOf(table);
  throw new SluiceError("NO_SUCH_TABLE", `There is no table ${TableName}.`, { value: TableName });
}
