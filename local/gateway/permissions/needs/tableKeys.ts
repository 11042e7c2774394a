import { type BackendRequest, type BackendResponse, jsonResponse } from "../../message";

interface Keyed {
  KeySchema: { AttributeName: string; KeyType: string }[];
}
type Table = Keyed & { GlobalSecondaryIndexes?: (Keyed & { IndexName: string })[] };

/** Asks DynamoDB Local, once for each table, for the names of the hash keys of the table and its indexes. */
export class TableKeys {
  readonly #send: (request: BackendRequest) => Promise<BackendResponse>;
  readonly #region: string;
  readonly #tables = new Map<string, Table>();

  constructor(send: (request: BackendRequest) => Promise<BackendResponse>, region: string) {
    this.#send = send;
    this.#region = region;
  }

  /** Undefined if there is no such table. A local index has the hash key of its table. */
  async hashKeyOf(name: string, index?: string): Promise<string | undefined> {
    const table = this.#tables.get(name) ?? (await this.#describe(name));
    const keyed = table?.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index) ?? table;
    return keyed?.KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
  }

  async #describe(TableName: string): Promise<Table | undefined> {
    const { status, body } = await this.#send({
      method: "POST",
      url: "/",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.DescribeTable",
        authorization: `AWS4-HMAC-SHA256 Credential=LOCAL/20200101/${this.#region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: jsonResponse(200, { TableName }).body,
    });
    if (status !== 200) return undefined;
    const table = (JSON.parse(body.toString()) as { Table: Table }).Table;
    this.#tables.set(TableName, table);
    return table;
  }
}
