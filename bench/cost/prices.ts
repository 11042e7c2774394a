/** The benchmark's prices: the same list that operators get. */
import { listPrices } from "../../shared/cost/prices";

export const OUR_PRICES = listPrices;

/** The price of AWS's own export, by the table's size. It needs point-in-time recovery, which costs extra. */
export const AWS_EXPORT = {
  ...{ region: listPrices.region, asOf: listPrices.asOf, currency: listPrices.currency },
  ...listPrices.prices.tableExportGigabytes,
} as const;
