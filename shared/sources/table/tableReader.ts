/** Reads a table or an index by a parallel Scan: a unit is a segment. */
import { identifyTable } from "../../tables/identity";
import type { SourceReader } from "../source";
import { segmentsOfSample } from "./segments";
import type { TableSpec } from "./spec";
import { TableScan } from "./tableScan";

export const tableReader: SourceReader<TableSpec> = {
  kind: "table",
  open: (unit, tools) => new TableScan(unit, tools),
  identify: identifyTable,
  sampleOf: ({ sample }, units) => {
    if (sample === undefined) return undefined;
    const clusters = segmentsOfSample(units, sample);
    return { share: units / clusters, clusters };
  },
  verdict: (error, { table, index }) => {
    const { name, message } = error as Error;
    if (name === "ResourceNotFoundException") return `Table ${table} no longer exists.`;
    if (name === "AccessDeniedException") return `Table ${table} may not be read: ${message}`;
    // Scan's message for an index that was dropped: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
    if (name === "ValidationException" && /does not have the specified index/i.test(message)) {
      return `Table ${table} has no index ${index} any more.`;
    }
    if (
      name === "ValidationException" &&
      /exclusive ?start ?key|starting key|key schema|type mismatch/i.test(message)
    ) {
      return `The keys of table ${table} are not what they were when the job began: ${message}`;
    }
    return undefined;
  },
};
