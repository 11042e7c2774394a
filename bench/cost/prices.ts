/** The prices that the benchmark computes with: the same list as for operators. */
import { listPrices } from "../../shared/cost/prices";

export const OUR_PRICES = listPrices;

/** What AWS asks for its own export. It is charged by the table's size; point-in-time recovery, which it needs, comes on top. */
export const AWS_EXPORT = {
  ...{ region: listPrices.region, asOf: listPrices.asOf, currency: listPrices.currency },
  ...listPrices.prices.tableExportGigabytes,
} as const;
