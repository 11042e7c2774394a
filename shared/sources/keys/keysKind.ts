/** A list of keys in S3 as a source: `keys:s3://BUCKET/KEY`. Its items are read from the table if the operation needs them. */
import { readCapacityUnits } from "../../capacity/metering/capacityUnits";
import type { TableSchema } from "../../tables/schema";
import { consistentRead } from "../consistentRead";
import { jobTableProblems } from "../jobTable";
import { sampleIn } from "../sample";
import type { Sound, SourceKind } from "../source";
import { columnProblems, type DescribedKeys, describeKeys, type KeyListFacts } from "./describeKeys";
import { automaticUnits } from "./keyParts";
import { keysReader } from "./keysReader";
import type { KeyAttribute, KeysSpec } from "./spec";

export const keysKind: SourceKind<KeysSpec, DescribedKeys> = {
  ...keysReader,
  options: { consistentRead },
  facts: (location, s3) => describeKeys(s3, location),
  problems: (sound, { table, facts }) => {
    const own = jobTableProblems(sound.table as string | undefined, table);
    if ("problem" in facts) return [...own, facts.problem];
    return typeof table === "string" ? own : [...own, ...columnProblems(facts, keysOf(table.schema))];
  },
  reads: (_sound, { needsItems }) => (needsItems ? {} : undefined),
  spec: (sound, { table, facts, needsItems }) => {
    const { bucket, list } = facts as KeyListFacts;
    const sample = sampleIn(sound);
    return {
      ...({ kind: "keys", table: sound.table as string, keys: keysOf(table.schema), bucket, list } as const),
      ...{ readItems: needsItems, consistentRead: sound.consistentRead === true, ...(sample && { sample }) },
    };
  },
  plan: (sound, { table, facts, needsItems }) => {
    const { list, bytes, keys = 0 } = facts as KeyListFacts;
    const averageBytes = table.items > 0 ? table.bytes / table.items : 0;
    const each = needsItems && keys > 0 ? readCapacityUnits(Math.max(1, averageBytes), strength(sound)) : 0;
    const paidBy = table.read.from === "provisioned" ? "hour" : "request";
    return {
      units: automaticUnits(list, bytes),
      // The number of keys is unknown before they are read, unless the list's manifest has it.
      estimate: { items: keys, bytes: Math.round(keys * averageBytes), rcu: keys * each },
      identity: table.identity,
      ...(needsItems ? { capacity: { perSecond: table.read.perSecond, paidBy } as const } : {}),
    };
  },
};

function strength({ consistentRead }: Sound): "strong" | "eventual" {
  return consistentRead === true ? "strong" : "eventual";
}

function keysOf({ keys, keyTypes }: TableSchema): KeyAttribute[] {
  return keys.map((name) => ({ name, type: keyTypes[name]! }));
}
