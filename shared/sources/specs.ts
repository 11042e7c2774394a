/** The parts of their source that jobs keep, by kind. */
import type { ExportSpec } from "./export/spec";
import type { KeysSpec } from "./keys/spec";
import type { RecordsSpec } from "./records/spec";
import type { TableSpec } from "./table/spec";

export type SourceSpec = TableSpec | ExportSpec | KeysSpec | RecordsSpec;
