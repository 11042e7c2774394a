/**
 * The jobs table, which all bulk services share: keys `pk` and `sk`, both strings.
 *
 * | pk | sk | item |
 * | --- | --- | --- |
 * | `job#<id>` | `job` | the head of the job: what changes, see `JobHead` |
 * | `job#<id>` | `job#spec` | the rest of it: source and operation, up to 400 KB, written once |
 * | `job#<id>` | `chain#<number>` | who holds a chain, and what its invocations have used |
 * | `job#<id>` | `unit#<number>` | the checkpoint of a unit, once a worker took it |
 * | `job#<id>` | `run#<id of the run>` | what a Glue run used, see `RunUse` in ./runs.ts; of the spark driver |
 * | `job#<id>` | `entry#<unit>#<number>` | what an operation noted of a unit, such as an object an export has completed |
 * | `job#<id>` | `audit#<time>#<suffix>` | who changed what of the job, see `AuditEntry` in ../audit.ts |
 * | `ledger#<owner>` | `<direction>#<table>` | a capacity ledger, see shared/capacity/ledger/dynamoDbLedger.ts; owner: a job or a limit group |
 * | `jobs` | `<created>#<id>` | one line of the list of all jobs |
 * | `active#<table>` | `<id>` | a job that was started on the table; removed by the next start that finds it ended |
 *
 * Records of a job may have `expiresAt`, by which DynamoDB deletes them (TTL), in no order and up to a few days late; so may its
 * own ledgers. A group's ledger stays.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Item } from "../../aws/itemSize";
import type { JobLimit } from "../job";

export type Key = Record<"pk" | "sk", AttributeValue>;

export const LIST_PARTITION = "jobs";
const CHAIN_PREFIX = "chain#";
const UNIT_PREFIX = "unit#";
const ENTRY_PREFIX = "entry#";
const RUN_PREFIX = "run#";
const AUDIT_PREFIX = "audit#";
/** As many digits as the largest number of segments has. */
const UNIT_DIGITS = 7;

const key = (pk: string, sk: string): Key => ({ pk: { S: pk }, sk: { S: sk } });

export const partitionOf = (job: string): string => `job#${job}`;

export const jobKey = (job: string): Key => key(partitionOf(job), "job");

export const unitKey = (job: string, number: number): Key => key(partitionOf(job), UNIT_PREFIX + padded(number));

export const chainKey = (job: string, number: number): Key => key(partitionOf(job), CHAIN_PREFIX + padded(number));

export const specKey = (job: string): Key => key(partitionOf(job), "job#spec");

export const ledgerPartition = (owner: string): string => `ledger#${owner}`;

/** @param owner a job's id, or a limit group; see `ledgerOwner` in ../limits.ts */
export const ledgerKey = (owner: string, { direction, table }: Pick<JobLimit, "direction" | "table">): Key =>
  key(ledgerPartition(owner), `${direction}#${table}`);

export const activeKey = (table: string, job: string): Key => key(activePartition(table), job);

export const activePartition = (table: string): string => `active#${table}`;

export const listKey = (job: string, createdAt: number): Key =>
  key(LIST_PARTITION, `${new Date(createdAt).toISOString()}#${job}`);

export const entryKey = (job: string, unit: number, number: number): Key =>
  key(partitionOf(job), `${ENTRY_PREFIX}${padded(unit)}#${padded(number)}`);

export const runKey = (job: string, run: string): Key => key(partitionOf(job), RUN_PREFIX + run);

/** In the order of time. */
export const auditKey = (job: string, at: number, suffix: string): Key =>
  key(partitionOf(job), `${AUDIT_PREFIX}${new Date(at).toISOString()}#${suffix}`);

/** Prefix of the sort keys of one kind of item of a job. */
export const sortKeyPrefixes = {
  job: "job",
  chain: CHAIN_PREFIX,
  unit: UNIT_PREFIX,
  entry: ENTRY_PREFIX,
  run: RUN_PREFIX,
  audit: AUDIT_PREFIX,
} as const;

/** A record as attributes; what is undefined is left out. */
export function toAttributes(record: object): Item {
  return marshall(record, { removeUndefinedValues: true });
}

/** Attributes that hold JSON text: DynamoDB's own maps accept neither empty names nor every JSON value. */
const jsonAttributes = ["result", "cursor"] as const;

/** Item as a record, without the keys. */
export function fromAttributes<T>(item: Item): T {
  const { pk: _pk, sk: _sk, ...rest } = item;
  const record = unmarshall(rest);
  for (const name of jsonAttributes) if (typeof record[name] === "string") record[name] = JSON.parse(record[name]);
  return record as T;
}

/** A result or a cursor as it lies in the table: the attributes `result` and `cursor` are JSON text. */
export function jsonAttribute(value: unknown): string | undefined {
  return JSON.stringify(value);
}

function padded(number: number): string {
  return String(number).padStart(UNIT_DIGITS, "0");
}
