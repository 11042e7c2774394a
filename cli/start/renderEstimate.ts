/** An estimate as text. Pure. */
import { type BillPartName, billParts, dollarsOf } from "../../shared/cost/bill";
import type { Estimate } from "../../shared/cost/estimate";
import { describeBill, partNames, price } from "../text/bill";
import { counted, decimal, dollars, duration, percent, whole } from "../text/format";
import { textPairs, textTable } from "../text/table";

/** The whole estimate, with a table of its parts. */
export function renderEstimate(estimate: Estimate): string {
  const { work, rcuPerSecond, workers, waiting, warnings, notes } = estimate;
  const index = work.index === undefined ? "" : `, index ${work.index}`;
  const waits = waiting >= 0.01 ? `, waiting for capacity ${percent(waiting)} of their time` : "";
  return [
    textPairs([
      ["Job", `${work.operation} over ${work.table}${index} at ${decimal(rcuPerSecond)} RCU/s`],
      ["Capacity", capacity(estimate)],
      ["Duration", `about ${duration(estimate.seconds)}`],
      ["Workers", `${whole(workers)}${waits}`],
    ]),
    "",
    partTable(estimate),
    "",
    ...comparison(estimate),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...notes,
    pricesLine(estimate),
  ].join("\n");
}

/** A summary of three lines, for a job that starts now. */
export function renderEstimateShort(estimate: Estimate): string {
  const { rcu, seconds, workers, bill, warnings } = estimate;
  const [warning] = warnings;
  const last = warning === undefined ? comparison(estimate)[0] : `Warning: ${warning}`;
  return [
    `Estimate: ${whole(rcu)} RCU in about ${duration(seconds)}, with ${counted(workers, "worker")}.`,
    `Cost: about ${describeBill(bill)}.`,
    last ?? pricesLine(estimate),
  ].join("\n");
}

/** The loss by rounding shows how well pages and rate fit. */
function capacity({ rcu, onePassRcu, pages }: Estimate): string {
  const more =
    onePassRcu > 0 && rcu > onePassRcu
      ? `, ${decimal(100 * (rcu / onePassRcu - 1))} % more than one pass with full pages`
      : "";
  return `${whole(rcu)} RCU in ${counted(pages, "page")}${more}`;
}

function partTable({ bill, ...figures }: Estimate): string {
  const columns = [{ head: "PART" }, { head: "USES" }, { head: "DOLLARS", align: "right" }] as const;
  const rows = billParts.map((part) => [partNames[part], uses(part, figures), price(dollarsOf(bill, part))]);
  const total = ["in all", bill.notPriced.length === 0 ? "" : `without ${bill.notPriced.join(", ")}: not priced`];
  return textTable(columns, [...rows, [...total, dollars(bill.dollars)]]);
}

function uses(part: BillPartName, { rcu, usage }: Pick<Estimate, "rcu" | "usage">): string {
  switch (part) {
    case "capacity":
      return `${whole(rcu)} RCU`;
    case "lambda":
      return `${counted(usage.invocations, "invocation")}, ${decimal(usage.gigabyteSeconds)} GB-seconds`;
    case "jobsTable":
      return `${whole(usage.writeUnits)} WCU, ${whole(usage.readUnits)} RCU`;
    case "sqs":
      return counted(usage.queueRequests, "request");
    case "s3":
      return `${counted(usage.puts, "put")}, ${counted(usage.gets, "get")}`;
    case "events":
      return counted(usage.events, "event");
  }
}

function comparison({ comparison }: Estimate): string[] {
  if (comparison === undefined) return [];
  const { what, dollars } = comparison;
  return [`${what} would cost ${price(dollars)}, plus point-in-time recovery, which it needs.`];
}

function pricesLine({ prices }: Estimate): string {
  return `Prices of ${prices.region}, ${prices.asOf}, on demand, without free tiers; --prices <file> replaces them.`;
}
