/** Reads the records of former values of a job: a unit is what one unit of that job kept. */
import { identifyTable } from "../../tables/identity";
import { objectVerdict } from "../objectVerdict";
import type { SourceReader } from "../source";
import { RecordPages } from "./recordPages";
import type { RecordsSpec } from "./spec";

export const recordsReader: SourceReader<RecordsSpec> = {
  kind: "records",
  sampleOf: () => undefined,
  open: (unit, tools) => new RecordPages(unit, tools),
  identify: ({ table }, dynamodb) => identifyTable({ table }, dynamodb),
  verdict: (error, spec) => objectVerdict(error, spec, `list of former values s3://${spec.bucket}/${spec.manifest}`),
};
