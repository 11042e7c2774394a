/** An estimate as text. Pure. */
import { type BillPartName, billParts, dollarsOf } from "../../shared/cost/bill";
import type { Estimate } from "../../shared/cost/estimate";
import { describeBill, partNames, price } from "../text/bill";
import { counted, decimal, dollars, duration, percent, whole } from "../text/format";
import { textPairs, textTable } from "../text/table";

/** The figures that come first, as names and texts. */
export function estimateFigures(estimate: Estimate): [name: string, text: string][] {
  const { work, workers, waiting } = estimate;
  const index = work.index === undefined ? "" : `, index ${work.index}`;
  const waits = waiting >= 0.01 ? `, waiting for capacity ${percent(waiting)} of their time` : "";
  return [
    ["Job", `${work.operation} over ${work.table}${index}${rates(estimate)}`],
    ["Capacity", capacity(estimate)],
    ["Duration", `about ${duration(estimate.seconds)}`],
    ["Workers", `${whole(workers)}${waits}`],
  ];
}

/** The whole estimate, with a table of its parts. `width`: columns of the terminal. */
export function renderEstimate(estimate: Estimate, width?: number): string {
  return [
    textPairs(estimateFigures(estimate)),
    "",
    partTable(estimate, width),
    "",
    ...alternatives(estimate),
    ...estimate.warnings.map((warning) => `Warning: ${warning}`),
    ...estimateNotes(estimate),
  ].join("\n");
}

/** What the job costs in other ways, a sentence each. */
export function alternatives(estimate: Estimate): string[] {
  return [drivers(estimate), ...comparison(estimate)];
}

/** What one has to know about the figures, a sentence each. */
export function estimateNotes(estimate: Estimate): string[] {
  return [...estimate.notes, pricesLine(estimate)];
}

/** A summary of three lines, for a job that starts now. */
export function renderEstimateShort(estimate: Estimate): string {
  const { seconds, workers, bill, warnings } = estimate;
  const [warning] = warnings;
  const last = warning === undefined ? comparison(estimate)[0] : `Warning: ${warning}`;
  return [
    `Estimate: ${units(estimate)} in about ${duration(seconds)}, with ${counted(workers, "worker")}.`,
    `Cost: about ${describeBill(bill)}.`,
    last ?? pricesLine(estimate),
  ].join("\n");
}

/** The loss by rounding shows how well pages and rate fit. */
function capacity(estimate: Estimate): string {
  const { rcu, onePassRcu, pages } = estimate;
  const more =
    onePassRcu > 0 && rcu > onePassRcu
      ? `, ${decimal(100 * (rcu / onePassRcu - 1))} % more than one pass with full pages`
      : "";
  return `${units(estimate)} in ${counted(pages, "page")}${more}`;
}

/** ` at 100 RCU/s`, ` at 100 RCU/s and 50 WCU/s, the writes take longer`; empty for a job without limits. */
function rates({ rcuPerSecond, writing }: Estimate): string {
  const both = [
    ...(rcuPerSecond > 0 ? [`${decimal(rcuPerSecond)} RCU/s`] : []),
    ...(writing?.wcuPerSecond === undefined ? [] : [`${decimal(writing.wcuPerSecond)} WCU/s`]),
    ...(writing?.lookups === undefined ? [] : [`${decimal(writing.lookups.rcuPerSecond)} RCU/s for lookups`]),
  ];
  const longer = both.length >= 2 && writing?.binds !== undefined ? `, the ${writing.binds}s take longer` : "";
  return both.length === 0 ? "" : ` at ${both.join(" and ")}${longer}`;
}

/** `8,875 RCU`, `8,875 RCU and 70,000 WCU`, `no capacity`. */
function units({ rcu, writing }: Pick<Estimate, "rcu" | "writing">): string {
  if (writing === undefined) return `${whole(rcu)} RCU`;
  const { wcu, lookups } = writing;
  const both = [
    ...(rcu > 0 ? [`${whole(rcu)} RCU`] : []),
    ...(wcu > 0 ? [`${whole(wcu)} WCU`] : []),
    ...(lookups === undefined ? [] : [`${whole(lookups.rcu)} RCU for lookups`]),
  ];
  return both.join(" and ") || "no capacity";
}

function partTable({ bill, ...figures }: Estimate, width: number | undefined): string {
  const columns = [{ head: "PART" }, { head: "USES" }, { head: "DOLLARS", align: "right" }] as const;
  // Jobs of other drivers have nothing to do with Glue.
  const shown = billParts.filter((part) => part !== "glue" || figures.dpuHours !== undefined);
  const rows = shown.map((part) => [partNames[part], uses(part, figures), price(dollarsOf(bill, part))]);
  const total = ["in all", bill.notPriced.length === 0 ? "" : `without ${bill.notPriced.join(", ")}: not priced`];
  return textTable(columns, [...rows, [...total, dollars(bill.dollars)]], width);
}

function uses(part: BillPartName, figures: Pick<Estimate, "rcu" | "writing" | "usage" | "dpuHours">): string {
  const { usage } = figures;
  switch (part) {
    case "capacity":
      return units(figures);
    case "lambda":
      return `${counted(usage.invocations, "invocation")}, ${decimal(usage.gigabyteSeconds)} GB-seconds`;
    case "glue":
      return `${decimal(figures.dpuHours ?? 0)} DPU-hours`;
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

/** `Driver queue: $0.0198, workflow: $0.0220; queue is cheaper.` With a Glue job: `…, spark: $0.0600; queue is cheapest.` */
function drivers({ drivers: { queue, workflow, spark, cheaper } }: Estimate): string {
  const word = spark === undefined ? "cheaper" : "cheapest";
  const which = cheaper === undefined ? "" : `; ${cheaper} is ${word}`;
  const third = spark === undefined ? "" : `, spark: ${price(spark)}`;
  return `Driver queue: ${price(queue)}, workflow: ${price(workflow)}${third}${which}.`;
}

function comparison({ comparison }: Estimate): string[] {
  if (comparison === undefined) return [];
  const { what, dollars } = comparison;
  return [`${what} would cost ${price(dollars)}, plus point-in-time recovery, which it needs.`];
}

function pricesLine({ prices }: Estimate): string {
  return `Prices of ${prices.region}, ${prices.asOf}, on demand, without free tiers; --prices <file> replaces them.`;
}
