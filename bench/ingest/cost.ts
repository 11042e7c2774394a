/** The cost of a million submissions: the metered stack, compared with Powertools' idempotency utility. */
import { listPrices, type Prices } from "../../shared/cost/prices";
import { plainTable } from "../plainTable";
import {
  dollars,
  type IntakeBill,
  type IntakePart,
  type IntakeUsage,
  intakeBill,
  intakeParts,
  multiplied,
  withPowertools,
} from "./bill";
import { intakeUsage, type MeteredRun, metricsIn } from "./intakeUsage";

export interface CostReport {
  /** Submissions that were metered, and how many an invocation had on average. */
  readonly submissions: number;
  readonly perInvocation: number;
  /** Milliseconds that an invocation took on this machine, the mean. */
  readonly invocationMs: number;
  /** Dollars of a million submissions for every 100 ms that an invocation takes. */
  readonly tenthOfASecond: number;
  /** The cost of a million submissions, in requests only. */
  readonly sluice: { readonly usage: IntakeUsage; readonly bill: IntakeBill };
  readonly powertools: { readonly usage: IntakeUsage; readonly bill: IntakeBill };
  /** The custom metrics, and their dollars per month, for any number of submissions. */
  readonly metrics: readonly string[];
  readonly metricsAMonth: number;
  readonly prices: Prices;
}

const MILLION = 1_000_000;

export function costReport(run: MeteredRun): CostReport {
  const { submissions, log, reading } = run;
  const usage = multiplied(intakeUsage(run), MILLION / submissions);
  const powertools = withPowertools(usage, MILLION);
  const metrics = metricsIn(log);
  const billedMs = reading.invocations.reduce((sum, invocation) => sum + invocation.billedMs, 0);
  const invocationMs = billedMs / reading.invocations.length;
  return {
    submissions,
    perInvocation: submissions / reading.invocations.length,
    invocationMs,
    tenthOfASecond: dollars((100 * usage.gigabyteSeconds) / invocationMs, "functionGigabyteSeconds"),
    sluice: { usage, bill: intakeBill(usage) },
    powertools: { usage: powertools, bill: intakeBill(powertools) },
    metrics,
    metricsAMonth: dollars(metrics.length, "customMetricMonths"),
    prices: listPrices,
  };
}

const NAMES: Readonly<Record<IntakePart, string>> = {
  sqs: "SQS",
  lambda: "Lambda, at this machine's pace",
  s3: "S3",
  tables: "DynamoDB, tables",
  index: "DynamoDB, index byParticipant",
  reads: "DynamoDB, reads",
  logs: "CloudWatch Logs",
};

export function renderCost({ sluice, powertools, ...report }: CostReport): string {
  const { submissions, perInvocation, invocationMs, tenthOfASecond, metrics, metricsAMonth, prices } = report;
  const table = plainTable(["a million submissions", "Sluice", "Powertools and a put"]);
  for (const part of intakeParts) table.push([NAMES[part], price(sluice.bill[part]), price(powertools.bill[part])]);
  table.push(["total", price(sluice.bill.total), price(powertools.bill.total)]);
  return [
    table.toString(),
    `  List prices of ${prices.region}, ${prices.asOf}, without free tiers and storage. Metered: ${submissions} submissions on the`,
    `  local cloud, ${perInvocation.toFixed(1)} an invocation. An invocation took ${invocationMs.toFixed(0)} ms on this machine; on AWS it is another time,`,
    `  and every 100 ms of it cost ${price(tenthOfASecond)}. --json has every amount, and every price with its source.`,
    "  Powertools' idempotency utility: a put of its record, a put of the result, an update of its record. Its functions run longer",
    "  for two more requests, which isn't priced. Its records expire, after an hour by default; it keeps no index and no count.",
    `  Custom metrics: ${metrics.length}, ${price(metricsAMonth)} a month, however many submissions.`,
  ].join("\n");
}

function price(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
