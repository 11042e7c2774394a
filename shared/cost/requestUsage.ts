/**
 * The usage of one request to AWS, from its command, its input and its answer. Pure; it uses commands by name and imports
 * none.
 */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../aws/itemSize";
import { writeCapacityUnits } from "../capacity/metering/capacityUnits";
import type { Usage } from "./usage";

export interface SentRequest {
  /** The SDK's names: `SQSClient`, `SendMessageCommand`. */
  readonly client: string | undefined;
  readonly command: string | undefined;
  readonly input: Input;
}

/** The parts of inputs, answers and errors that matter here. */
export interface Input {
  readonly TableName?: string;
  readonly ReturnConsumedCapacity?: string;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: string } | undefined>>[];
  readonly Entries?: readonly unknown[];
}

export interface Output {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
}

interface FailedRequest {
  readonly name?: string;
  /** The item that failed the condition, if the caller asked for it. */
  readonly Item?: Item;
}

/** Commands of S3 that cost as much as a PUT; the others cost as much as a GET, or nothing. */
const PUTS = /^(Put|Copy|List|Post|Create|Complete|UploadPart)/;
const FREE = /^(Delete|Abort)/;
/** DynamoDB's commands that consume read capacity. */
const READS = /^(Get|Query|Scan|BatchGet|TransactGet)/;

/** Asks DynamoDB for the request's consumption. That costs some 80 bytes more in the answer, but no capacity. */
export function asking(input: Input): Input {
  const { ReturnConsumedCapacity: asked = "NONE" } = input;
  return asked === "NONE" ? { ...input, ReturnConsumedCapacity: "TOTAL" } : input;
}

/** The usage of a request that was answered. @param jobsTable the table whose capacity counts */
export function usageOf(
  { client, command = "", input }: SentRequest,
  output: Output,
  jobsTable: string,
): Partial<Usage> {
  if (client === "DynamoDBClient") return capacityOf(command, output, jobsTable);
  return requestUsage({ client, command, input });
}

/**
 * The usage of a failed request. Requests to SQS and S3 are paid for. A write whose condition fails consumes by the size of
 * the item that it met, or one unit if the item is not known. A cancelled transaction consumes two units for each of its
 * actions. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
export function usageOfError(sent: SentRequest, error: unknown, jobsTable: string): Partial<Usage> {
  const { client, input } = sent;
  if (client !== "DynamoDBClient") return requestUsage(sent);
  const { name, Item } = (error ?? {}) as FailedRequest;
  if (name === "ConditionalCheckFailedException" && input.TableName === jobsTable) {
    return { writeUnits: writeCapacityUnits(Item === undefined ? 0 : itemBytes(Item)) };
  }
  if (name !== "TransactionCanceledException") return {};
  const actions = (input.TransactItems ?? []).flatMap((item) => Object.values(item));
  return { writeUnits: 2 * actions.filter((action) => action?.TableName === jobsTable).length };
}

function capacityOf(command: string, { ConsumedCapacity = [] }: Output, jobsTable: string): Partial<Usage> {
  const all = [ConsumedCapacity].flat() as ConsumedCapacity[];
  const own = all.filter(({ TableName }) => TableName === jobsTable);
  const units = own.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  return READS.test(command) ? { readUnits: units } : { writeUnits: units };
}

function requestUsage({ client, command = "", input }: SentRequest): Partial<Usage> {
  if (client === "SQSClient") return { queueRequests: 1 };
  if (client === "EventBridgeClient")
    return command === "PutEventsCommand" ? { events: input.Entries?.length ?? 0 } : {};
  if (client !== "S3Client" || FREE.test(command)) return {};
  return PUTS.test(command) ? { puts: 1 } : { gets: 1 };
}
