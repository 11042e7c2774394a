/** What usage costs at list prices of us-east-1, November 2026; free tiers and discounts are left out. */
import { PRICES } from "../spike/prices";
import type { Usage } from "./usage";

const MILLION = 1e6;

/** Dollars for one, where the intake's benchmark has no price of it. */
const EACH = {
  /** Read request unit, on-demand (DynamoDB pricing, on-demand capacity). */
  tableRead: 0.125 / MILLION,
  tableWrite: PRICES.tableWrites.value / MILLION,
  gigabyteSecond: PRICES.functionGigabyteSeconds.value,
  invocation: PRICES.invocations.value / MILLION,
  queueRequest: PRICES.queueRequests.value / MILLION,
  put: PRICES.objectWrites.value / 1_000,
  /** GET request, S3 Standard (S3 pricing). */
  get: 0.0004 / 1_000,
  /** Custom event of up to 64 KB (EventBridge pricing). */
  event: 1 / MILLION,
} as const;

/** AWS's own export to S3. It is charged by the table's size; point-in-time recovery, which it needs, comes on top. */
export const AWS_EXPORT = {
  dollarsPerGigabyte: 0.1,
  region: "us-east-1",
  asOf: "November 2026",
  address: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
} as const;

export const billParts = ["capacity", "lambda", "jobsTable", "sqs", "s3Puts", "s3Gets", "events"] as const;
/** Dollars by part. */
export type Bill = Readonly<Record<(typeof billParts)[number], number>>;

/** @param rcu what the job read of its table. */
export function billOf(usage: Usage, rcu: number): Bill {
  return {
    capacity: rcu * EACH.tableRead,
    lambda: usage.gigabyteSeconds * EACH.gigabyteSecond + usage.invocations * EACH.invocation,
    jobsTable: usage.writeUnits * EACH.tableWrite + usage.readUnits * EACH.tableRead,
    sqs: usage.queueRequests * EACH.queueRequest,
    s3Puts: usage.puts * EACH.put,
    s3Gets: usage.gets * EACH.get,
    events: usage.events * EACH.event,
  };
}

/** Dollars in all. */
export function total(bill: Bill): number {
  return billParts.reduce((sum, part) => sum + bill[part], 0);
}

/** Dollars besides the job's own capacity and the puts of an export. */
export function overhead(bill: Bill): number {
  return total(bill) - bill.capacity - bill.s3Puts;
}
