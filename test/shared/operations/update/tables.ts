import type { TableSchema } from "../../../../shared/tables/schema";

/** A table with two indexes: one by text and time, one by number, whose sort key is the first one's partition key. */
export const orders: TableSchema = {
  name: "orders",
  keys: ["id", "sort"],
  keyTypes: { id: "S", sort: "S", GSIPK: "S", GSISK: "S", Rank: "N" },
  indexes: [
    { name: "by-status", kind: "global", keys: ["GSIPK", "GSISK"], projection: "ALL" },
    { name: "by-rank", kind: "global", keys: ["Rank", "GSIPK"], projection: [] },
  ],
};
