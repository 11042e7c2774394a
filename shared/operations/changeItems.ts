/**
 * Operations that bring each item of a page to its outcome, by conditional writes or, in a dry run, by finding out what
 * they would do.
 *
 *   page ─► decide on each item ─► (put former values) ─► write ─► settled ─► next page …
 *   flush ─► put the failures since the last checkpoint ─► (checkpoint)
 *   end of the job ─► totals, manifests of failures and former values
 *
 * Every item is in exactly one outcome of exactly one result that counts: a page whose result was lost is repeated, meets its
 * own writes and counts them as `already`.
 */
import type { Item } from "../aws/itemSize";
import { type Consumption, sinceConsumption } from "../capacity/metering/consumption";
import type { Purpose } from "../capacity/metering/direction";
import type { TableSchema } from "../tables/schema";
import { BeforeJournal } from "../writing/before/journal";
import { objectsOfUnit, putBeforeManifest, type UnitObjects } from "../writing/before/manifest";
import { recordingWriter } from "../writing/before/recordingWriter";
import type { Decide } from "../writing/conditionalWrite";
import { dryRun, type LookUp } from "../writing/dryRun";
import {
  CONFLICT,
  type FailureRecord,
  failureKey,
  putFailureManifest,
  putFailures,
  removeFailures,
} from "../writing/failureList";
import { keyOf } from "../writing/itemKey";
import type { WritingParams } from "../writing/options";
import { addOutcome, noOutcomes, type Outcome, type Outcomes } from "../writing/outcomes";
import { ItemReader } from "../writing/readItems";
import { type Interval, SampledOutcomes } from "../writing/sampled";
import { type Settled, settleItems } from "../writing/settleItems";
import type { WriterOptions } from "../writing/statementSender";
import { writerOf } from "../writing/writerOf";
import { addWritten, nothingWritten, type Written } from "../writing/written";
import type { FinishedJob, OperationWork, Page, Params, Tools, UnitResult } from "./operation";

/** The parts of a page that an operation needs to decide on its items. */
export interface Ground {
  readonly params: Params;
  /** Name of the table that is read. */
  readonly table: string;
  /** Names of its key attributes. */
  readonly keys: readonly string[];
  readonly target: TableSchema;
  /** Id of the job. */
  readonly job: string;
}

export interface ChangeKind {
  /** Brings the items of a page to their outcomes. Default: by conditional writes, according to `decider`. */
  readonly settler?: (ground: Ground, tools: Tools) => Settle | undefined;
  /** Decides on each item; created once for the pages of a stretch of work. */
  readonly decider: (ground: Ground) => Decide;
  /** Adds to the items of a page what else the decision needs. Default: nothing. */
  readonly prepared?: (items: readonly Item[], ground: Ground, tools: Tools) => Promise<readonly Item[]>;
  /** See OperationDeclaration. */
  readonly puts?: boolean;
  /** Why an item is a conflict, a sentence. Default: others changed it at every attempt. */
  readonly conflict?: string;
  /** The key of an item as it was read. Default: its key attributes in the job's table. */
  readonly keyOf?: (item: Item) => Item;
}

/** Brings items to their outcomes, in their order. */
export type Settle = (items: readonly Item[]) => Promise<Settled[]>;

/** The result of a job. */
export interface WritingResult extends Written {
  readonly dryRun: boolean;
  /** For a sample: its share of the items, and the estimated outcomes of all items. */
  readonly sample?: { readonly share: number; readonly totals: Readonly<Record<Outcome, Interval>> };
  /** Bucket, and key of the manifest of the failures. Absent: no failures. */
  readonly failureManifest?: { readonly bucket: string; readonly key: string };
  /** The same for the former values. Absent: none were kept. */
  readonly beforeManifest?: { readonly bucket: string; readonly key: string };
}

/** The outcomes of the items of a page, and the fields of the unit's result that it replaces. */
interface Ended {
  readonly settled: readonly Settled[];
  readonly consumed: Consumption;
  readonly lookupRcu?: number;
  readonly more: Partial<Written>;
}

/** What a worker holds until the next checkpoint. */
interface Pending {
  readonly unit: number;
  readonly failures: readonly FailureRecord[];
  /** True if the unit ends. */
  readonly last: boolean;
}

const pendingOf = new WeakMap<Written, Pending>();
/** Objects that are created once for the pages of a stretch of work. */
const stretches = new WeakMap<Tools, Stretch>();

/** The same for dry runs. */
const readers = new WeakMap<Tools, ItemReader>();

interface Stretch {
  readonly settle: Settle;
  /** Undefined: former values are not kept. */
  readonly journal: BeforeJournal | undefined;
}

const CHANGED_EACH_TIME = "Others changed the item each time between reading and writing.";

export function changeItems(kind: ChangeKind): OperationWork<Written> {
  return {
    writes: true,
    failures: ({ outcomes }) => outcomes.failed,
    page: (page, soFar = nothingWritten, tools) => settlePage(kind, page, soFar, tools),
    flush,
    finish: (job, results, tools) => finish(kind, job, results, tools),
  };
}

async function settlePage(kind: ChangeKind, page: Page, soFar: Written, tools: Tools): Promise<Written> {
  const { missing = [], unreadable = [], position, last, params } = page;
  const { dryRun: dry = false, keepItems = false } = params as WritingParams;
  const ended = dry ? await dryPage(kind, page, soFar, tools) : await writtenPage(kind, page, soFar, tools);
  const { settled, more, ...used } = ended;
  const failures = [
    ...settled.flatMap((each) => failureOf(each, keepItems, kind.conflict)),
    ...unreadable.map(({ line, reason }): FailureRecord => ({ code: "UNREADABLE_LINE", reason, attempts: 0, line })),
  ];
  const outcomes = outcomesOf(settled, missing.length, unreadable.length);
  const result = { ...added(soFar, { outcomes, ...used }, failures), ...more };
  const held = pendingOf.get(soFar)?.failures ?? [];
  pendingOf.set(result, { unit: position.unit, failures: [...held, ...failures], last });
  return result;
}

async function writtenPage(kind: ChangeKind, page: Page, soFar: Written, tools: Tools): Promise<Ended> {
  const before = tools.consumed("write");
  const { settle, journal } = await stretchOf(kind, page, soFar, tools);
  const settled = await settle(page.items);
  const more = journal === undefined ? {} : { beforeObjects: journal.objects };
  return { settled, consumed: sinceConsumption(tools.consumed("write"), before), more };
}

/** What writes would do. */
async function dryPage(kind: ChangeKind, page: Page, soFar: Written, tools: Tools): Promise<Ended> {
  const ground = groundOf(page);
  const before = tools.consumed("lookup").table;
  const options = { decide: kind.decider(ground), keyOf: keyIn(kind, ground), target: ground.target };
  // A job without a limit on lookups doesn't look into the table.
  const lookUp = tools.limits("lookup") === undefined ? undefined : lookUpIn(ground.target, tools);
  const { settled, consumed, examples } = await dryRun(page.items, { ...options, lookUp }, soFar.examples);
  const lookupRcu = tools.consumed("lookup").table - before;
  return { settled, consumed, lookupRcu, more: { examples } };
}

function lookUpIn({ name }: TableSchema, tools: Tools): LookUp {
  const reader = readers.get(tools) ?? new ItemReader(name, writerOptions(tools, "lookup"));
  readers.set(tools, reader);
  return (keys) => reader.read(keys);
}

function groundOf({ params, table, keys, target, position }: Page): Ground {
  return { params, table, keys: keys ?? target!.keys, target: target!, job: position.job };
}

/** Finds the key of an item as it was read. */
function keyIn(kind: ChangeKind, { table, keys }: Ground): (item: Item) => Item {
  return kind.keyOf ?? ((item) => keyOf(item, { name: table, keys }));
}

async function stretchOf(kind: ChangeKind, page: Page, soFar: Written, tools: Tools): Promise<Stretch> {
  const known = stretches.get(tools);
  if (known !== undefined) return known;
  const ground = groundOf(page);
  const { unit } = page.position;
  const { keepBefore = false } = page.params as WritingParams;
  const journal = keepBefore ? await BeforeJournal.open(tools, tools.prefix, unit, soFar.beforeObjects) : undefined;
  const stretch = { settle: kind.settler?.(ground, tools) ?? byWrites(kind, ground, tools, journal), journal };
  stretches.set(tools, stretch);
  return stretch;
}

/** What writers need of the tools, and readers of items with another purpose. */
export function writerOptions(tools: Tools, purpose: Purpose = "write"): WriterOptions {
  const { dynamodb: client, retry, limits, requestMs, signal } = tools;
  return { client, retry, limits: () => limits(purpose), requestMs: () => requestMs(purpose), signal };
}

/** Settles items by conditional writes. */
function byWrites(kind: ChangeKind, ground: Ground, tools: Tools, journal: BeforeJournal | undefined): Settle {
  const { decider, prepared } = kind;
  const { target } = ground;
  const plain = writerOf(target.name, writerOptions(tools));
  const writer = journal === undefined ? plain : recordingWriter(plain, journal);
  const decide = decider(ground);
  const keysOf = keyIn(kind, ground);
  return async (items) => settleItems((await prepared?.(items, ground, tools)) ?? items, decide, keysOf, writer);
}

function outcomesOf(settled: readonly Settled[], missing: number, unreadable: number): Outcomes {
  let outcomes = addOutcome(addOutcome(noOutcomes, "gone", missing), "failed", unreadable);
  const counts = new Map<Settled["outcome"], number>();
  for (const { outcome } of settled) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  for (const [outcome, count] of counts) outcomes = addOutcome(outcomes, outcome, count);
  return outcomes;
}

function failureOf(
  { outcome, key, item, failure }: Settled,
  keepItems: boolean,
  conflict = CHANGED_EACH_TIME,
): FailureRecord[] {
  const kept = keepItems ? { item } : {};
  if (outcome === "failed") return [{ key, ...failure!, ...kept }];
  if (outcome !== "conflict") return [];
  return [{ key, code: CONFLICT, reason: conflict, attempts: 0, ...kept }];
}

function added(
  soFar: Written,
  of: Pick<Written, "outcomes" | "consumed" | "lookupRcu">,
  failures: readonly FailureRecord[],
): Written {
  const codes: Record<string, number> = {};
  for (const { code } of failures) codes[code] = (codes[code] ?? 0) + 1;
  const page = { ...nothingWritten, ...of, failures: codes };
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
  kind: ChangeKind,
  job: FinishedJob,
  results: AsyncIterable<UnitResult<Written>>,
  tools: Tools,
): Promise<WritingResult> {
  let total = nothingWritten;
  const objects: string[] = [];
  const before: UnitObjects[] = [];
  const sampled = job.sample && new SampledOutcomes(job.sample);
  for await (const { unit, result = nothingWritten } of results) {
    total = addWritten(total, result);
    sampled?.add(result.outcomes);
    for (let number = 0; number < result.failureObjects; number++) objects.push(failureKey(tools.prefix, unit, number));
    if (result.beforeObjects > 0) before.push(objectsOfUnit(unit, result.beforeObjects));
  }
  const kept = before.length === 0 ? {} : { beforeManifest: await beforeManifestOf(kind, job, before, tools) };
  const sample = sampled && { share: job.sample!.share, totals: sampled.totals() };
  const base = { dryRun: job.params.dryRun === true, ...total, ...(sample && { sample }), ...kept };
  if (objects.length === 0) return base;
  const listed = Object.values(total.failures).reduce((sum, count) => sum + count, 0);
  const manifest = { job: job.id, total: listed, codes: total.failures, objects };
  const key = await putFailureManifest(tools, tools.prefix, manifest);
  return { ...base, failureManifest: { bucket: tools.bucket, key } };
}

async function beforeManifestOf(
  { puts = false }: ChangeKind,
  { id, params, table: { name } }: FinishedJob,
  units: readonly UnitObjects[],
  tools: Tools,
) {
  const manifest = { job: id, table: (params.to as string | undefined) ?? name, reads: puts, units };
  return { bucket: tools.bucket, key: await putBeforeManifest(tools, tools.prefix, manifest) };
}
