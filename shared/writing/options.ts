/** The options of a start request that all operations share which change a table. */
import * as v from "valibot";
import { type RequestOption, readNumber, Unreadable } from "../requestOption";
import type { FailureBound } from "./failureBound";

const FAILURES = "must be a whole number, 0 or more, or a percentage from 0% to 100%";
const SHARE = 'must be a percentage above 0% and below 100%, such as "1%"';

const percentage = (rule: string, is: (share: number) => boolean) =>
  v.custom<string>((given) => {
    const share = typeof given === "string" && /^\d{1,3}(\.\d+)?%$/.test(given) ? Number.parseFloat(given) : Number.NaN;
    return is(share);
  }, rule);

const wholeNumber = v.pipe(v.number(FAILURES), v.safeInteger(FAILURES), v.minValue(0, FAILURES));
const maxFailures: v.GenericSchema<number | string> = v.lazy((given) =>
  typeof given === "string" ? percentage(FAILURES, (share) => share >= 0 && share <= 100) : wholeNumber,
);

const flagged = v.boolean("must be true or false");

export const writingOptions = {
  dryRun: {
    schema: v.optional(flagged),
    flag: "--dry-run",
    help: "find out what the job would change and what it would cost; write nothing",
  },
  sample: {
    schema: v.optional(percentage(SHARE, (share) => share > 0 && share < 100)),
    flag: "--sample <percentage>",
    help: "only a random share of the items, such as 1%; for dry runs",
  },
  maxFailures: {
    schema: v.optional(maxFailures),
    flag: "--max-failures <limit>",
    help: "pause the job when more items than this fail: a number, or a percentage of all; default: 100 or 1%, whichever is more",
    read: (given) =>
      given.endsWith("%") ? given : (readNumber(given) ?? new Unreadable("a whole number or a percentage such as 5%")),
  },
  keepItems: {
    schema: v.optional(flagged),
    flag: "--keep-items",
    help: "keep the whole item with each failure",
  },
  keepBefore: {
    schema: v.optional(flagged),
    flag: "--keep-before",
    help: "keep the former values of what the job changes, for `jobs undo`",
  },
} satisfies Record<string, RequestOption>;

/** The options, checked. */
export interface WritingParams {
  readonly dryRun?: boolean;
  /** A percentage. */
  readonly sample?: string;
  readonly maxFailures?: number | string;
  readonly keepItems?: boolean;
  readonly keepBefore?: boolean;
}

/** The problems of their combination, a sentence each. */
export function writingProblems({ dryRun = false, sample, keepBefore = false }: WritingParams): string[] {
  const problems: string[] = [];
  if (sample !== undefined && !dryRun) problems.push("sample is for dry runs: a job changes all items or none.");
  if (keepBefore && dryRun) problems.push("keepBefore makes no sense with a dry run: it changes nothing.");
  return problems;
}

/** Default of `maxFailures`. */
const DEFAULT_BOUND: FailureBound = { count: 100, percent: 1 };

/** How many items may fail before the job pauses. */
export function failureBound({ maxFailures }: WritingParams): FailureBound {
  if (maxFailures === undefined) return DEFAULT_BOUND;
  if (typeof maxFailures === "number") return { count: maxFailures };
  return { count: 0, percent: Number.parseFloat(maxFailures) };
}
