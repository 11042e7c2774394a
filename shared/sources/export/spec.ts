/** An export in S3 as a source. It is complete when the job begins. */
import type { ExportFacts } from "../../exports/openExport";
import type { Sample } from "../sample";

export interface ExportSpec
  extends Pick<ExportFacts, "bucket" | "manifest" | "list" | "listEtag" | "files" | "copied" | "type"> {
  readonly kind: "export";
  /** Name of the table that the job works on. */
  readonly table: string;
  /** Only a share of the items. Default: all. */
  readonly sample?: Sample;
}
