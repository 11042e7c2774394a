/** The written items and their limits: a table with two global secondary indexes. */
import type { CapacityLimits } from "../../shared/capacity/metering/limits";
import type { TableSchema } from "../../shared/tables/schema";

export const TABLE = "orders";

/**
 * `byTag` holds only keys, and its key changes with some updates; `byCustomer` holds whole items, so every update reaches it.
 */
export const schema: TableSchema = {
  name: TABLE,
  keys: ["id"],
  keyTypes: { id: "S", tag: "S", customer: "S" },
  indexes: [
    { name: "byTag", kind: "global", keys: ["tag"], projection: [] },
    { name: "byCustomer", kind: "global", keys: ["customer"], projection: "ALL" },
  ],
};

export interface WriteCell {
  readonly name: string;
  readonly workers: number;
  /** WCU/s. */
  readonly limits: CapacityLimits;
  /** The limit that binds, WCU/s. The other ways support only one limit, and get this one. */
  readonly binding: number;
  /** Share of the items that others change between reading and writing, so that the condition of the write fails. */
  readonly changed: number;
  /** Share of the items whose update changes the key of `byTag`. */
  readonly moved: number;
}

/** What the cells have in common. */
export const mixed = { workers: 8, changed: 0.3, moved: 0.1 };

export const cells: readonly WriteCell[] = [
  { ...mixed, name: "byCustomer binds", limits: limitsOf(1_000, 300, 500), binding: 500 },
  { ...mixed, name: "table binds", limits: limitsOf(500, 200, 700), binding: 500 },
  { ...mixed, name: "byCustomer binds, slow", limits: limitsOf(200, 60, 100), binding: 100 },
  { ...mixed, name: "byCustomer binds, fast", limits: limitsOf(8_000, 2_400, 4_000), binding: 4_000 },
  // One write in ten costs 33 ms of this limit, and the limiter learns which one only afterwards.
  { ...mixed, name: "byTag binds", limits: limitsOf(1_000, 60, 1_000), binding: 60 },
];

function limitsOf(table: number, byTag: number, byCustomer: number): CapacityLimits {
  return { table, indexes: { byTag, byCustomer } };
}
