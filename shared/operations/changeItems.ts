/**
 * Operations that bring each item of a page to its outcome, by conditional writes or by finding out what they would do.
 *
 *   page ─► decide on each item ─► write ─► settled ─► next page …
 *   flush ─► put the failures since the last checkpoint ─► (checkpoint)
 *   end of the job ─► totals, manifest of the failures
 *
 * Every item is in exactly one outcome of exactly one result that counts: a page whose result was lost comes again, meets its
 * own writes and counts them as `already`.
 */
import type { Item } from "../aws/itemSize";
import { type Consumption, nothing, sinceConsumption } from "../capacity/metering/consumption";
import type { RequestOptions } from "../requestOption";
import type { TableSchema } from "../tables/schema";
import type { Decide } from "../writing/conditionalWrite";
import { dryRun } from "../writing/dryRun";
import {
  CONFLICT,
  type FailureRecord,
  failureKey,
  putFailureManifest,
  putFailures,
  removeFailures,
} from "../writing/failureList";
import { keyOf } from "../writing/itemKey";
import { mostFailures, type WritingParams, writingOptions, writingProblems } from "../writing/options";
import { addOutcome, noOutcomes, type Outcome, type Outcomes } from "../writing/outcomes";
import { type Interval, SampledOutcomes } from "../writing/sampled";
import { type Settled, settleItems } from "../writing/settleItems";
import { writerOf } from "../writing/writerOf";
import { addWritten, nothingWritten, type Written } from "../writing/written";
import type { Changed, CheckedAgainst, FinishedJob, Operation, Page, Params, Tools, UnitResult } from "./operation";

/** What an operation needs of a page to decide on its items. */
export interface Ground {
  readonly params: Params;
  /** Names of the key attributes of the table that is read. */
  readonly keys: readonly string[];
  readonly target: TableSchema;
  /** Id of the job. */
  readonly job: string;
}

export interface ChangeKind {
  /** Options besides those that all such operations have. */
  readonly options: RequestOptions;
  /** What is wrong with the params, a sentence each. */
  readonly check: (params: Params, against: CheckedAgainst) => string[];
  /** Name of the table that is changed. Default: the job's. */
  readonly changes?: (params: Params, table: string) => string | undefined;
  /** Default: it needs whole items. */
  readonly needsItems?: (params: Params) => boolean;
  /** Settles the items of a page. Default: by conditional writes, according to `decider`. */
  readonly settler?: (ground: Ground, tools: Tools) => Settle | undefined;
  /** Decides on each item; made once for the pages of a stretch. */
  readonly decider: (ground: Ground) => Decide;
}

/** Brings items to their outcomes, in their order. */
export type Settle = (items: readonly Item[]) => Promise<Settled[]>;

/** The result of a job. */
export interface WritingResult extends Written {
  readonly dryRun: boolean;
  /** Of a sample: its share of the items, and how many items of everything would have each outcome. */
  readonly sample?: { readonly share: number; readonly totals: Readonly<Record<Outcome, Interval>> };
  /** Bucket, and key of the manifest of the failures. Absent: there are none. */
  readonly failureManifest?: { readonly bucket: string; readonly key: string };
}

/** What a worker holds until the next checkpoint. */
interface Pending {
  readonly unit: number;
  readonly failures: readonly FailureRecord[];
  /** The unit ends. */
  readonly last: boolean;
}

const pendingOf = new WeakMap<Written, Pending>();
/** What is made once for the pages of a stretch of work. */
const settles = new WeakMap<Tools, Settle>();

export function changeItems(kind: ChangeKind): Operation<Written> {
  const { changes = (_params, table) => table } = kind;
  return {
    options: { ...kind.options, ...writingOptions },
    check: (params, against = {}) => [...kind.check(params, against), ...writingProblems(params as WritingParams)],
    changes: (params, table): Changed | undefined => {
      const changed = changes(params, table);
      return changed === undefined ? undefined : { table: changed, dryRun: params.dryRun === true };
    },
    ...(kind.needsItems === undefined ? {} : { needsItems: kind.needsItems }),
    mostFailures: (params, items) => mostFailures(params as WritingParams, items),
    failures: ({ outcomes }) => outcomes.failed,
    page: (page, soFar = nothingWritten, tools) => settlePage(kind, page, soFar, tools),
    flush,
    finish,
  };
}

async function settlePage(kind: ChangeKind, page: Page, soFar: Written, tools: Tools): Promise<Written> {
  const { items, missing = [], unreadable = [], position, last, params } = page;
  const { dryRun: dry = false, keepItems = false } = params as WritingParams;
  const before = tools.consumed("write");
  const found = dry
    ? dryRun(items, kind.decider(groundOf(page)), page.target!, soFar.examples)
    : { settled: await settleOf(kind, page, tools)(items), consumed: undefined, examples: undefined };
  const { settled, consumed = sinceConsumption(tools.consumed("write"), before), examples } = found;
  const failures = [
    ...settled.flatMap((each) => failureOf(each, keepItems)),
    ...unreadable.map(({ line, reason }): FailureRecord => ({ code: "UNREADABLE_LINE", reason, attempts: 0, line })),
  ];
  const result = added(soFar, outcomesOf(settled, missing.length, unreadable.length), failures, consumed);
  const withExamples = examples === undefined ? result : { ...result, examples };
  const held = pendingOf.get(soFar)?.failures ?? [];
  pendingOf.set(withExamples, { unit: position.unit, failures: [...held, ...failures], last });
  return withExamples;
}

function groundOf({ params, keys, target, position }: Page): Ground {
  return { params, keys: keys ?? target!.keys, target: target!, job: position.job };
}

function settleOf(kind: ChangeKind, page: Page, tools: Tools): Settle {
  const known = settles.get(tools);
  if (known !== undefined) return known;
  const ground = groundOf(page);
  const settle = kind.settler?.(ground, tools) ?? byWrites(kind, ground, tools);
  settles.set(tools, settle);
  return settle;
}

/** Settles items by conditional writes. */
function byWrites({ decider }: ChangeKind, ground: Ground, tools: Tools): Settle {
  const { target } = ground;
  const source = { name: target.name, keys: ground.keys };
  const { dynamodb, retry, perSecond, signal } = tools;
  const writer = writerOf(target.name, { client: dynamodb, retry, perSecond: () => perSecond("write"), signal });
  const decide = decider(ground);
  return (items) => settleItems(items, decide, (item) => keyOf(item, source), writer);
}

function outcomesOf(settled: readonly Settled[], missing: number, unreadable: number): Outcomes {
  let outcomes = addOutcome(addOutcome(noOutcomes, "gone", missing), "failed", unreadable);
  const counts = new Map<Settled["outcome"], number>();
  for (const { outcome } of settled) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  for (const [outcome, count] of counts) outcomes = addOutcome(outcomes, outcome, count);
  return outcomes;
}

function failureOf({ outcome, key, item, failure }: Settled, keepItems: boolean): FailureRecord[] {
  const kept = keepItems ? { item } : {};
  if (outcome === "failed") return [{ key, ...failure!, ...kept }];
  if (outcome !== "conflict") return [];
  const reason = "Others changed the item each time between reading and writing.";
  return [{ key, code: CONFLICT, reason, attempts: 0, ...kept }];
}

function added(
  soFar: Written,
  outcomes: Outcomes,
  failures: readonly FailureRecord[],
  consumed: Consumption = nothing,
): Written {
  const codes: Record<string, number> = {};
  for (const { code } of failures) codes[code] = (codes[code] ?? 0) + 1;
  const page = { ...nothingWritten, outcomes, consumed, failures: codes };
  const { failureObjects, beforeObjects } = soFar;
  return { ...addWritten(soFar, page), failureObjects, beforeObjects };
}

async function flush(result: Written, tools: Tools): Promise<Written> {
  const pending = pendingOf.get(result);
  if (pending === undefined) return result;
  const key = failureKey(tools.prefix, pending.unit, result.failureObjects);
  if (pending.failures.length === 0) {
    if (pending.last) await removeFailures(tools, key);
    pendingOf.delete(result);
    return result;
  }
  await putFailures(tools, key, pending.failures);
  return { ...result, failureObjects: result.failureObjects + 1 };
}

async function finish(
  job: FinishedJob,
  results: AsyncIterable<UnitResult<Written>>,
  tools: Tools,
): Promise<WritingResult> {
  let total = nothingWritten;
  const objects: string[] = [];
  const sampled = job.sample && new SampledOutcomes(job.sample);
  for await (const { unit, result = nothingWritten } of results) {
    total = addWritten(total, result);
    sampled?.add(result.outcomes);
    for (let number = 0; number < result.failureObjects; number++) objects.push(failureKey(tools.prefix, unit, number));
  }
  const sample = sampled && { share: job.sample!.share, totals: sampled.totals() };
  const base = { dryRun: job.params.dryRun === true, ...total, ...(sample && { sample }) };
  if (objects.length === 0) return base;
  const listed = Object.values(total.failures).reduce((sum, count) => sum + count, 0);
  const manifest = { job: job.id, total: listed, codes: total.failures, objects };
  const key = await putFailureManifest(tools, tools.prefix, manifest);
  return { ...base, failureManifest: { bucket: tools.bucket, key } };
}
