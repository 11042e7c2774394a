import { randomUUID } from "node:crypto";
import { crc32 } from "node:zlib";
import { type BackendResponse, jsonResponse } from "../message";
import type { StatementError } from "../partiql/batchPlaces";
import { tableName } from "./pieces";
import type { Direction } from "./resourceCapacity";
import type { CapacityMode } from "./settings";
import type { Exhausted } from "./tableCapacity";

/** A piece of a request that was not admitted. */
export interface Refusal extends Exhausted {
  direction: Direction;
  mode: CapacityMode;
  /** ARN of the table. */
  tableArn: string;
}

interface Wording {
  /** `__type` of the error. */
  type: string;
  /** Name of the list of reasons: the two errors spell it differently. */
  reasons: "ThrottlingReasons" | "throttlingReasons";
  /** Code of a transaction's cancellation reason, and of a statement's error in a batch. */
  code: string;
  /** Message, for a table and for a global secondary index. */
  table: string;
  index: string;
}

/**
 * Codes, messages and cancellation codes: API reference of TransactWriteItems ("Cancellation reason codes and possible
 * error messages"), errors and ThrottlingReason in the model of @aws-sdk/client-dynamodb. The source for an on-demand
 * table's `com.amazon.coral.availability#ThrottlingException` is the wire log in github.com/awslabs/dynein/issues/195.
 */
const PROVISIONED: Wording = {
  type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  reasons: "ThrottlingReasons",
  code: "ProvisionedThroughputExceeded",
  table:
    "The level of configured provisioned throughput for the table was exceeded. " +
    "Consider increasing your provisioning level with the UpdateTable API.",
  index:
    "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. " +
    "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API.",
};
const ON_DEMAND: Wording = {
  type: "com.amazon.coral.availability#ThrottlingException",
  reasons: "throttlingReasons",
  code: "ThrottlingError",
  table:
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index " +
    "so please try again shortly. If exceptions persist, check if you have a hot key: " +
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html",
  index:
    "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically scaling " +
    "your index so please try again shortly.",
};

/** The error of a request without any admitted piece. */
export function throttled(refusals: readonly Refusal[]): BackendResponse {
  const first = refusals[0] as Refusal;
  const wording = wordingOf(first);
  return dynamodbError({
    __type: wording.type,
    message: messageOf(first),
    [wording.reasons]: distinct(refusals.map(reasonOf)),
  });
}

/** The error of a transaction, with a reason for each of its items; undefined: this one was not refused. */
export function cancelled(refusals: readonly (Refusal | undefined)[]): BackendResponse {
  const CancellationReasons = refusals.map((refusal) =>
    refusal ? { Code: wordingOf(refusal).code, Message: messageOf(refusal) } : { Code: "None" },
  );
  const codes = CancellationReasons.map(({ Code }) => Code).join(", ");
  return dynamodbError({
    __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    CancellationReasons,
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
  });
}

/** The error in place of one statement of a batch. */
export function statementError(refusal: Refusal): StatementError {
  const error = { Code: wordingOf(refusal).code, Message: messageOf(refusal) };
  return { Error: error, TableName: tableName(refusal.tableArn) };
}

function wordingOf({ mode }: Refusal): Wording {
  return mode === "provisioned" ? PROVISIONED : ON_DEMAND;
}

function messageOf(refusal: Refusal): string {
  return wordingOf(refusal)[refusal.index === undefined ? "table" : "index"];
}

/** An on-demand table below its account's quota is limited only by its partitions. */
function reasonOf({ mode, limit, index, direction, tableArn }: Refusal): { reason: string; resource: string } {
  const type = mode === "provisioned" && limit === "throughput" ? "ProvisionedThroughput" : "KeyRangeThroughput";
  const resource = index === undefined ? "Table" : "Index";
  return {
    reason: `${resource}${direction === "read" ? "Read" : "Write"}${type}Exceeded`,
    resource: index === undefined ? tableArn : `${tableArn}/index/${index}`,
  };
}

function distinct<T>(values: T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function dynamodbError(body: object): BackendResponse {
  const response = jsonResponse(400, body, { "x-amzn-requestid": randomUUID() });
  return { ...response, headers: { ...response.headers, "x-amz-crc32": String(crc32(response.body)) } };
}
