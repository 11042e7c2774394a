// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of updates
/** The jobs of a backfill soak: their requests, and their effect on an item, written separately for the model. */

import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../../shared/aws/itemSize";
import type { StartRequest } from "../../shared/jobs/startRequest";
import type { SoakDriver } from "../driver";
import type { Rule, State } from "./history";
import { type Flaw, MOST_ITEM_BYTES, MOST_SORT_KEY_BYTES } from "./items";

export const TABLE = "soaked";
export const COPY = "soaked-copy";

/** Names of the jobs, which are their ids as well. */
export const jobNames = ["rekey", "label", "expire", "copy"] as const;
export type JobName = (typeof jobNames)[number];

/** Items that one job can't process, with the codes of their failures. */
export const mustFail: Readonly<Record<JobName, Partial<Readonly<Record<Flaw, string>>>>> = {
  rekey: { large: "ITEM_TOO_LARGE", longStatus: "INDEX_KEY_INVALID" },
  label: { large: "ITEM_TOO_LARGE", emptyOwner: "INDEX_KEY_INVALID", noOwner: "ATTRIBUTE_MISSING" },
  expire: {},
  copy: { large: "ITEM_TOO_LARGE" },
};

/** Hits from which on an old item is kept. */
const KEPT_HITS = 8;

export interface RequestOptions {
  driver: SoakDriver;
  /** Segments of the jobs that read the table. */
  segments: number;
  /** Write capacity units per second of each job. */
  rate: number;
  /** `s3://BUCKET/AWSDynamoDB/ID` */
  exportedTo: string;
  /** More than the number of items that can fail. */
  maxFailures: number;
}

/** The requests that start the jobs. */
export function requestsOf({ driver, segments, rate, exportedTo, maxFailures }: RequestOptions) {
  const common = { driver, table: TABLE, writeRate: rate, maxFailures };
  const scan = { ...common, readRate: 4 * rate, segments };
  const requests: Record<JobName, StartRequest> = {
    rekey: {
      ...{ ...scan, operation: "update", jobId: "rekey" },
      update: {
        set: { GSISK: "${Status}#${Timestamp}", Flag: { S: "new" } },
        remove: ["Legacy"],
        onlyIf: "attribute_not_exists(GSISK) OR begins_with(GSISK, :old)",
        values: { ":old": "old#" },
      },
    },
    label: {
      ...{ ...common, operation: "update", jobId: "label", source: `export:${exportedTo}` },
      update: { set: { GSI2PK: "${Owner}", Label: "${Owner}/${Rank}" }, missing: "fail" },
    },
    expire: {
      ...{ ...scan, operation: "delete", jobId: "expire" },
      onlyIf: "Old = :yes AND Hits < :kept",
      values: { ":yes": "yes", ":kept": KEPT_HITS },
    },
    copy: {
      ...{ ...scan, operation: "copy", jobId: "copy", to: COPY, ifAbsent: true },
      transform: { set: { Origin: { S: "main" } } },
    },
  };
  return requests;
}

/** Turns an item into another; undefined: leaves it. */
type Change = (item: Item) => Item | undefined;

const rekey: Change = ({ Legacy: _, ...item }) => {
  const { Status, Timestamp, GSISK } = item;
  if (Status?.S === undefined || Timestamp?.N === undefined) return undefined;
  if (GSISK !== undefined && !GSISK.S?.startsWith("old#")) return undefined;
  const key = `${Status.S}#${Timestamp.N}`;
  return Buffer.byteLength(key) > MOST_SORT_KEY_BYTES ? undefined : { ...item, GSISK: { S: key }, Flag: { S: "new" } };
};

const label: Change = (item) => {
  const { Owner, Rank } = item;
  if (!Owner?.S || Rank?.N === undefined) return undefined;
  return { ...item, GSI2PK: { S: Owner.S }, Label: { S: `${Owner.S}/${Rank.N}` } };
};

const withOrigin: Change = (item) => ({ ...item, Origin: { S: "main" } });

function isExpired({ Old, Hits }: Readonly<Record<string, AttributeValue>>): boolean {
  return Old?.S === "yes" && Number(Hits?.N) < KEPT_HITS;
}

function changing(job: JobName, change: Change): Rule {
  return { job, makes: (state) => (state === undefined ? [] : changed(state, change)) };
}

function changed(item: Item, change: Change): Item[] {
  const made = change(item);
  return made === undefined || isDeepStrictEqual(made, item) || itemBytes(made) > MOST_ITEM_BYTES ? [] : [made];
}

const rekeying = changing("rekey", rekey);
const labelling = changing("label", label);
const expiring: Rule = {
  job: "expire",
  makes: (state) => (state !== undefined && isExpired(state) ? [undefined] : []),
};

/** The effects that the jobs may have on an item of the table. @param exported whether the export has an item of its key. */
export function rulesFor(exported: boolean): Rule[] {
  return exported ? [rekeying, labelling, expiring] : [rekeying, expiring];
}

/** The effects that the copy may have on its target item. @param sources all states of the item in the table. */
export function copyRule(sources: readonly State[]): Rule {
  const copies = sources.flatMap((state) => (state === undefined ? [] : changed(state, withOrigin)));
  return { job: "copy", makes: (state) => (state === undefined ? copies : []) };
}
