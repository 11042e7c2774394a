/** The cost of submissions from their usage, by part: on-demand tables, list prices. Pure. */
import { dollarsFor, type PriceName } from "../../shared/cost/prices";
import type { Usage } from "../../shared/cost/usage";

export interface IntakeUsage
  extends Pick<Usage, "queueRequests" | "invocations" | "gigabyteSeconds" | "puts" | "gets" | "readUnits"> {
  /** Write units of the record of a submission: here its marker. */
  readonly markerUnits: number;
  /** Write units of the results table. */
  readonly resultUnits: number;
  /** Write units of indexes: that of markers by participant. */
  readonly indexUnits: number;
  /** Written to CloudWatch Logs, Lambda's own lines included. */
  readonly logBytes: number;
}

export const intakeParts = ["sqs", "lambda", "s3", "tables", "index", "reads", "logs"] as const;
export type IntakePart = (typeof intakeParts)[number];

/** Dollars, by part and together; only requests, without storage. */
export type IntakeBill = Readonly<Record<IntakePart | "total", number>>;

/**
 * Bytes that Lambda itself logs about an invocation (START, END, REPORT), with the 26 bytes that are billed for each
 * line.
 */
export const PLATFORM_LOG_BYTES = 400;
export const GIGABYTE = 1024 ** 3;

export function intakeBill(usage: IntakeUsage): IntakeBill {
  const parts: Record<IntakePart, number> = {
    sqs: dollars(usage.queueRequests, "queueRequests"),
    lambda: dollars(usage.invocations, "invocations") + dollars(usage.gigabyteSeconds, "functionGigabyteSeconds"),
    s3: dollars(usage.puts, "objectWrites") + dollars(usage.gets, "objectReads"),
    tables: dollars(usage.markerUnits + usage.resultUnits, "tableWrites"),
    index: dollars(usage.indexUnits, "tableWrites"),
    reads: dollars(usage.readUnits, "tableReads"),
    logs: dollars(usage.logBytes / GIGABYTE, "logGigabytes"),
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

/** By the list price, which none of these lacks. */
export function dollars(amount: number, name: PriceName): number {
  return dollarsFor(amount, name) ?? Number.NaN;
}

/** A usage, multiplied. */
export function multiplied(usage: IntakeUsage, factor: number): IntakeUsage {
  return Object.fromEntries(
    Object.entries(usage).map(([name, amount]) => [name, factor * amount]),
  ) as unknown as IntakeUsage;
}

/**
 * The same submissions with Powertools' idempotency utility around a put of the result: its record is put before (on
 * condition that there is none) and updated after, one unit each below 1 KB, and a put costs half of what it costs in a
 * transaction. Everything else is assumed to be the same; that its two requests make a function run longer isn't counted.
 * https://github.com/aws-powertools/powertools-lambda-typescript, packages/idempotency
 */
export function withPowertools(usage: IntakeUsage, submissions: number): IntakeUsage {
  return { ...usage, markerUnits: 2 * submissions, resultUnits: usage.resultUnits / 2, indexUnits: 0 };
}
