/** What jobs keep of their source, by kind. */
import type { TableSpec } from "./table/spec";

export type SourceSpec = TableSpec;
