/** An export in S3 as a source: `export:s3://BUCKET/[prefix/]AWSDynamoDB/ID`. It needs no options and no read capacity. */
import { type DescribedExport, describeExport, type ExportFacts } from "../../exports/openExport";
import { partialIndex } from "../../tables/facts";
import { jobTableProblems } from "../jobTable";
import { sampleIn } from "../sample";
import type { SourceKind } from "../source";
import { exportReader } from "./exportReader";
import type { ExportSpec } from "./spec";

export const exportKind: SourceKind<ExportSpec, DescribedExport> = {
  ...exportReader,
  options: {},
  facts: (location, s3) => describeExport(s3, location),
  problems: (sound, { table, facts }) => [
    ...jobTableProblems(sound.table as string | undefined, table),
    ...("problem" in facts ? [facts.problem] : []),
  ],
  partial: (_sound, { table, facts }) => {
    // AWS's own exports don't have their projection in the manifest.
    const { index, projection } = "problem" in facts ? {} : facts.scope;
    return projection === undefined ? partialIndex(table, index) : "the export was made with a projection";
  },
  reads: () => undefined,
  spec: (sound, { facts }) => {
    const { bucket, manifest, list, listEtag, files, copied, type } = facts as ExportFacts;
    const sample = sampleIn(sound);
    const place = { bucket, manifest, list, listEtag, files, copied, type };
    return { kind: "export", table: sound.table as string, ...place, ...(sample && { sample }) };
  },
  plan: (sound, { table, facts }) => {
    const { files, items: all, billedBytes: bytes } = facts as ExportFacts;
    const items = Math.round(all * (sampleIn(sound)?.share ?? 1));
    // An export without files has one unit, which is empty: a job ends with its last unit.
    return { units: Math.max(1, files), estimate: { items, bytes, rcu: 0 }, identity: table.identity };
  },
};
