/**
 * Stands in for DynamoDB, in a separate process, so that its work costs the measured process nothing. It answers every write
 * with success after {@link LATENCY_MS}, in the form of DynamoDB's answers, and every Scan with the same 1 MB of items.
 * DynamoDB Local manages only some hundred writes a second.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import { itemBytes } from "../../shared/aws/itemSize";
import { orderItem } from "../worker-memory/orderItem";
import { SOURCE } from "./places";

const LATENCY_MS = 5;
/** Bytes after which Scan ends a page. */
const PAGE_BYTES = 1_048_576;

interface Body {
  readonly TableName?: string;
  readonly Statements?: readonly unknown[];
  readonly RequestItems?: Readonly<Record<string, readonly unknown[]>>;
  readonly ReturnConsumedCapacity?: string;
}

const page = fullPage();
const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    // A measured process may end in the middle of a request. Any other error ends the stub, and so the benchmark.
    if (error.code !== "ECONNRESET") throw error;
  });
});
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.once("disconnect", () => process.exit());

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
  const answer =
    operation === "Scan"
      ? page
      : JSON.stringify(answerTo(operation, JSON.parse(Buffer.concat(chunks).toString()) as Body));
  setTimeout(() => send(response, answer), LATENCY_MS);
}

function send(response: ServerResponse, answer: string | Buffer): void {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amzn-requestid": "STUB5JHB4FJ2LSMEBTFA3AQSNRVV4KQNSO5AEMVJF66Q9ASUAAJG",
    "x-amz-crc32": String(crc32(answer)), // boto3 checks it
  };
  response.writeHead(200, headers).end(answer);
}

function fullPage(): Buffer {
  const Items = [];
  for (let bytes = 0; bytes < PAGE_BYTES; bytes += itemBytes(Items.at(-1)!)) Items.push(orderItem(Items.length));
  const counts = { Count: Items.length, ScannedCount: Items.length };
  const LastEvaluatedKey = { id: Items.at(-1)!.id };
  return Buffer.from(JSON.stringify({ Items, ...counts, LastEvaluatedKey, ConsumedCapacity: units(SOURCE, 128) }));
}

function answerTo(operation: string, body: Body): object {
  if (operation === "BatchExecuteStatement") return statementsAnswer(body);
  if (operation === "UpdateItem") return capacityOf(body, body.TableName ?? "", 1, false);
  if (operation !== "BatchWriteItem") throw new Error(`the stub knows no ${operation}`);
  const [[table, puts] = ["", []]] = Object.entries(body.RequestItems ?? {});
  return { UnprocessedItems: {}, ...capacityOf(body, table, puts.length, true) };
}

/** Statements are of the one table; a batch reports the capacity of each. */
function statementsAnswer({ Statements = [], ReturnConsumedCapacity }: Body): object {
  const Responses = Statements.map(() => ({ TableName: SOURCE }));
  if (ReturnConsumedCapacity === undefined) return { Responses };
  return { Responses, ConsumedCapacity: Statements.map(() => units(SOURCE, 1)) };
}

function capacityOf({ ReturnConsumedCapacity }: Body, table: string, writes: number, isList: boolean): object {
  if (ReturnConsumedCapacity === undefined) return {};
  return { ConsumedCapacity: isList ? [units(table, writes)] : units(table, writes) };
}

function units(TableName: string, CapacityUnits: number): object {
  return { TableName, CapacityUnits, Table: { CapacityUnits } };
}
