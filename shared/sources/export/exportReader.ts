/** Reads an export in S3, DynamoDB's own or Sluice's: a unit is a data file. */

import { identifyTable } from "../../tables/identity";
import { objectVerdict } from "../objectVerdict";
import type { SourceReader } from "../source";
import { ExportFiles } from "./exportFiles";
import type { ExportSpec } from "./spec";

export const exportReader: SourceReader<ExportSpec> = {
  sampleOf: ({ sample }) => sample && { share: sample.share },
  kind: "export",
  open: (unit, tools) => new ExportFiles(unit, tools),
  // The table's identity. The ETags of the export's list and files show whether the export is the same.
  identify: ({ table }, dynamodb) => identifyTable({ table }, dynamodb),
  verdict: (error, spec) => objectVerdict(error, spec, `export s3://${spec.bucket}/${spec.manifest}`),
};
