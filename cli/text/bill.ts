/** A bill in words. Pure. */
import type { Bill, BillPartName } from "../../shared/cost/bill";
import { dollars } from "./format";

export const partNames: Readonly<Record<BillPartName, string>> = {
  capacity: "capacity",
  lambda: "Lambda",
  glue: "Glue",
  jobsTable: "jobs table",
  sqs: "SQS",
  s3: "S3",
  events: "events",
};

/** `$0.0013 (capacity $0.0011, Lambda $0.0002)`; parts that cost nothing are left out. */
export function describeBill({ parts, dollars: total }: Bill): string {
  const there = parts.filter((part) => part.dollars !== 0);
  const named = there.map((part) => `${partNames[part.part]} ${price(part.dollars)}`);
  return named.length === 0 ? dollars(total) : `${dollars(total)} (${named.join(", ")})`;
}

/** Dollars, or `not priced`. */
export function price(amount: number | null): string {
  return amount === null ? "not priced" : dollars(amount);
}
