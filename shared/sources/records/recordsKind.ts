/** The former values that a job kept, as a source for its undo: `records:s3://BUCKET/…/before/manifest.json`. */
import { jobTableProblems } from "../jobTable";
import type { SourceKind } from "../source";
import { type DescribedRecords, describeRecords, type RecordsFacts } from "./manifest";
import { recordsReader } from "./recordsReader";
import type { RecordsSpec } from "./spec";

export const recordsKind: SourceKind<RecordsSpec, DescribedRecords> = {
  ...recordsReader,
  options: {},
  facts: (location, s3) => describeRecords(s3, location),
  problems: (sound, { table, facts }) => {
    const own = jobTableProblems(sound.table as string | undefined, table);
    if ("problem" in facts) return [...own, facts.problem];
    const isOther = sound.table !== undefined && sound.table !== facts.table;
    return isOther ? [...own, `table must be ${facts.table}, whose former values these are.`] : own;
  },
  readsByFacts: true,
  reads: (_sound, { facts }) => ("reads" in facts && facts.reads ? {} : undefined),
  spec: (sound, { facts }) => {
    const { bucket, manifest, etag } = facts as RecordsFacts;
    return { kind: "records", table: sound.table as string, bucket, manifest, etag };
  },
  plan: (_sound, { table, facts }) => {
    const { units, reads } = facts as RecordsFacts;
    const paidBy = table.read.from === "provisioned" ? "hour" : "request";
    return {
      units: Math.max(1, units),
      // The number of records is unknown before they are read.
      estimate: { items: 0, bytes: 0, rcu: 0 },
      identity: table.identity,
      ...(reads ? { capacity: { perSecond: table.read.perSecond, paidBy } as const } : {}),
    };
  },
};
