/** What one request to AWS costs, from its command, its input and its answer. Pure; names commands, imports none. */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../aws/itemSize";
import { writeCapacityUnits } from "../capacity/metering/capacityUnits";
import type { Usage } from "./usage";

export interface SentRequest {
  /** As the SDK names them: `SQSClient`, `SendMessageCommand`. */
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
  /** The item that failed the condition, where the caller asked for it. */
  readonly Item?: Item;
}

/** Commands of S3 that cost as a PUT does; the others cost as a GET, or nothing. */
const PUTS = /^(Put|Copy|List|Post|Create|Complete|UploadPart)/;
const FREE = /^(Delete|Abort)/;
/** Commands that read, of those of DynamoDB that consume capacity. */
const READS = /^(Get|Query|Scan|BatchGet|TransactGet)/;

/** Asks DynamoDB for what the request consumes: some 80 bytes more in the answer, and no capacity. */
export function asking(input: Input): Input {
  const { ReturnConsumedCapacity: asked = "NONE" } = input;
  return asked === "NONE" ? { ...input, ReturnConsumedCapacity: "TOTAL" } : input;
}

/** What an answered request used. @param jobsTable whose capacity counts */
export function usageOf(
  { client, command = "", input }: SentRequest,
  output: Output,
  jobsTable: string,
): Partial<Usage> {
  if (client === "DynamoDBClient") return capacityOf(command, output, jobsTable);
  return requestUsage({ client, command, input });
}

/**
 * What a failed request used. Requests to SQS and S3 are paid for. A write whose condition fails consumes what the item that
 * it met would; where the item is not known, one unit. A cancelled transaction consumes two units for each of its actions.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
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
