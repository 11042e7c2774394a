/**
 * The jobs table, which all bulk services share: keys `pk` and `sk`, both strings.
 *
 * | pk | sk | item |
 * | --- | --- | --- |
 * | `job#<id>` | `job` | the job's record |
 * | `job#<id>` | `unit#<number>` | the checkpoint of a unit, once a worker took it |
 * | `job#<id>` | `entry#<unit>#<number>` | what an operation noted of a unit, such as an object an export has completed |
 * | `ledger#<id>` | `read`, `write` | the capacity ledger of one direction, see shared/capacity/ledger/dynamoDbLedger.ts |
 * | `jobs` | `<created>#<id>` | one line of the list of all jobs |
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Item } from "../../aws/itemSize";

export type Key = Record<"pk" | "sk", AttributeValue>;

export const LIST_PARTITION = "jobs";
const UNIT_PREFIX = "unit#";
const ENTRY_PREFIX = "entry#";
/** As many digits as the largest number of segments has. */
const UNIT_DIGITS = 7;

const key = (pk: string, sk: string): Key => ({ pk: { S: pk }, sk: { S: sk } });

export const partitionOf = (job: string): string => `job#${job}`;

export const jobKey = (job: string): Key => key(partitionOf(job), "job");

export const unitKey = (job: string, number: number): Key => key(partitionOf(job), UNIT_PREFIX + padded(number));

export const ledgerKey = (job: string, direction: "read" | "write"): Key => key(`ledger#${job}`, direction);

export const listKey = (job: string, createdAt: number): Key =>
  key(LIST_PARTITION, `${new Date(createdAt).toISOString()}#${job}`);

export const entryKey = (job: string, unit: number, number: number): Key =>
  key(partitionOf(job), `${ENTRY_PREFIX}${padded(unit)}#${padded(number)}`);

/** Prefix of the sort keys of one kind of item of a job. */
export const sortKeyPrefixes = { unit: UNIT_PREFIX, entry: ENTRY_PREFIX } as const;

/** A record as attributes; what is undefined is left out. */
export function toAttributes(record: object): Item {
  return marshall(record, { removeUndefinedValues: true });
}

/** Attributes as a record, without the keys. */
export function fromAttributes<T>(item: Item): T {
  const { pk: _pk, sk: _sk, ...rest } = item;
  const record = unmarshall(rest) as { result?: unknown };
  if (typeof record.result === "string") record.result = JSON.parse(record.result);
  return record as T;
}

/**
 * An operation's result as it lies in the table: the attribute `result` of jobs and units is JSON, since DynamoDB's own
 * maps take neither empty names nor everything that JSON can say.
 */
export function resultAttribute(result: unknown): string | undefined {
  return JSON.stringify(result);
}

function padded(number: number): string {
  return String(number).padStart(UNIT_DIGITS, "0");
}
