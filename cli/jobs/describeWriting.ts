/** A job's changes, real or in a dry run, in words. Pure. */
import type { Consumption } from "../../shared/capacity/metering/consumption";
import { type Binding, bindingOf } from "../../shared/capacity/metering/limits";
import { billOf } from "../../shared/cost/bill";
import type { Prices } from "../../shared/cost/prices";
import { noUsage } from "../../shared/cost/usage";
import type { Job } from "../../shared/jobs/job";
import { limitOf } from "../../shared/jobs/limits";
import type { WritingProgress } from "../../shared/jobs/writingProgress";
import type { WritingResult } from "../../shared/operations/changeItems";
import { allWriteUnits } from "../../shared/tables/writeConsumption";
import { outcomeNames } from "../../shared/writing/outcomes";
import { decimal, dollars, duration, whole } from "../text/format";

/** `200 updated, 100 skipped`, or for a dry run `200 would be updated, 100 skipped`; outcomes without items are left out. */
export function describeOutcomes({ outcomes, dryRun }: Pick<WritingProgress, "outcomes" | "dryRun">): string {
  const there = outcomeNames.filter((name) => outcomes[name] > 0);
  const word = (name: string) => (dryRun && name === "updated" ? "would be updated" : name);
  return there.map((name) => `${whole(outcomes[name])} ${word(name)}`).join(", ") || "no item yet";
}

/** `300 WCU on table orders, 12 on index by-status`. */
export function describeConsumed({ table, indexes = {} }: Consumption, name: string): string {
  const ofIndexes = Object.entries(indexes).map(([index, units]) => `, ${decimal(units)} on index ${index}`);
  return `${decimal(table)} WCU on table ${name}${ofIndexes.join("")}`;
}

/** What a dry run knows of the table that it would change: what it read there, or that it didn't look. */
export function describeLookups({ lookups }: Pick<WritingProgress, "lookups">, name: string): string {
  if (lookups !== undefined) return `${decimal(lookups.rcu)} RCU on table ${name}`;
  return `none: the dry run didn't look into table ${name}, and counts each put as that of a new item`;
}

/** `ITEM_TOO_LARGE 3, CONFLICT 1`, the most frequent first; empty without failures. */
export function describeCodes(codes: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(codes).sort(([, a], [, b]) => b - a);
  return sorted.map(([code, count]) => `${code} ${whole(count)}`).join(", ");
}

/** The findings of a dry run about the real job, so far. */
export interface DryRunFigures {
  /** The limit that binds. Absent: the job has no write rate. */
  readonly binding?: Binding;
  /** Dollars for the writes of table and global indexes. Null: not priced. */
  readonly dollars: number | null;
}

/** Undefined: the job is not a dry run. */
export function dryRunFigures(
  job: Pick<Job, "limits" | "target">,
  writing: WritingProgress | undefined,
  prices: Prices,
): DryRunFigures | undefined {
  if (writing === undefined || !writing.dryRun) return undefined;
  const limit = limitOf(job, "write");
  const units = allWriteUnits(writing.consumed, job.target);
  const { parts } = billOf(noUsage, { write: units }, prices);
  const { dollars } = parts.find(({ part }) => part === "capacity")!;
  return { ...(limit === undefined ? {} : { binding: bindingOf(writing.consumed, limit.limits) }), dollars };
}

/** What a sample says about all items. Figures of capacity and cost cover the sample only. */
type Sample = NonNullable<WritingResult["sample"]>;

/** Undefined: the job worked on more than a sample. */
export function sampleIn(result: unknown): Sample | undefined {
  return (result as Partial<WritingResult> | undefined)?.sample;
}

/**
 * `about 4,000 updated (3,700 to 4,300), about 0 failed (0 to 27)`. Outcomes that the sample doesn't have are left out, except
 * `failed`.
 */
export function describeSample({ totals }: Sample): string {
  const there = outcomeNames.filter((name) => totals[name].about > 0 || (name === "failed" && totals.failed.to > 0));
  const words = there.map((name) => {
    const { about, from, to } = totals[name];
    return `about ${whole(about)} ${name} (${whole(from)} to ${whole(to)})`;
  });
  return words.join(", ") || "no item";
}

/** `index by-status, 50 WCU/s: the writes take 16 s there`. */
export function describeBinding({ index, limit, seconds }: Binding): string {
  const place = index === undefined ? "the table" : `index ${index}`;
  return `${place}, ${decimal(limit)} WCU/s: the writes take ${duration(seconds)} there`;
}

/** Dollars only for the writes. */
export function describeWriteCost({ dollars: amount }: DryRunFigures): string {
  return amount === null ? "not priced" : `${dollars(amount)} for the writes`;
}
