/** Runs a unit's pages through the export, with crashes at the moments of the test. S3 is fauxqs. Checkpoints are kept here. */
import { createCipheriv, randomUUID } from "node:crypto";
import { CreateBucketCommand, GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Item } from "../../../../shared/aws/itemSize";
import type { Exported } from "../../../../shared/operations/export/exported";
import { exportItems } from "../../../../shared/operations/export/exportItems";
import type { ExportResult } from "../../../../shared/operations/export/writeManifests";
import type {
  Entries,
  Entry,
  FinishedJob,
  Page,
  Params,
  Tools,
  UnitResult,
} from "../../../../shared/operations/operation";
import { Ground, keys } from "../../../services/ingest/ground";

export const CREATED = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export function exportJob(id: string, params: Params = {}): FinishedJob {
  return { id, createdAt: CREATED, params, table: { name: "orders" }, scope: {} };
}

/** Entries of one job, as the jobs table has them. */
export class MemoryEntries implements Entries {
  readonly #entries = new Map<string, Entry>();

  async put(unit: number, number: number, value: object): Promise<void> {
    const sortKey = [unit, number].map((part) => String(part).padStart(7, "0")).join("#");
    this.#entries.set(sortKey, { unit, number, value: structuredClone(value) });
  }

  async *list(): AsyncGenerator<Entry> {
    for (const sortKey of [...this.#entries.keys()].sort()) yield this.#entries.get(sortKey)!;
  }
}

export function exportTools(s3: S3Client, bucket: string, entries: Entries = new MemoryEntries()): Tools {
  const retry = <T>(call: () => Promise<T>) => call();
  const signal = new AbortController().signal;
  return {
    s3,
    bucket,
    entries,
    retry,
    signal,
    limits: () => undefined,
    requestMs: () => undefined,
    consumed: () => ({ table: 0 }),
    prefix: "unused/",
    dynamodb: undefined as never,
  };
}

export class Crash extends Error {}

/** Stops the worker before or after its next effect, at the given moments. */
export class Crashes {
  readonly #steps: number[];
  #left: number;

  /** For each worker in turn, how many moments (before or after an effect) it lives. Without a number it lives for ever. */
  constructor(steps: readonly number[]) {
    this.#steps = [...steps];
    this.#left = this.#steps.shift() ?? Number.POSITIVE_INFINITY;
  }

  /** How often the worker was stopped. */
  count = 0;

  restart(): void {
    this.count += 1;
    this.#left = this.#steps.shift() ?? Number.POSITIVE_INFINITY;
  }

  moment(): void {
    if (this.#left <= 0) throw new Crash();
    this.#left -= 1;
  }

  tools(tools: Tools): Tools {
    const around = async <T>(effect: () => Promise<T>) => {
      this.moment();
      const result = await effect();
      this.moment();
      return result;
    };
    const send = (...args: Parameters<S3Client["send"]>) => around(() => tools.s3.send(...args) as never);
    const put: Entries["put"] = (...args) => around(() => tools.entries.put(...args));
    return { ...tools, s3: { send } as never, entries: { put, list: () => tools.entries.list() } };
  }
}

export interface UnitPlan {
  readonly job: FinishedJob;
  readonly unit: number;
  readonly items: readonly Item[];
  /** The number of items of the next page, called for each attempt. */
  readonly pageSize: () => number;
  /**
   * The number of pages up to the next checkpoint, called after each. The unit's last page always has one. Default: one page.
   */
  readonly pagesEach?: () => number;
  /** Whether the table still has an item when its page is read, called for each attempt. */
  readonly has?: (item: Item) => boolean;
  readonly crashes?: Crashes;
}

export interface UnitRun {
  readonly result: Exported | undefined;
  /** Items of the pages that were checkpointed. */
  readonly expected: Item[];
  /** Results of all checkpoints. */
  readonly results: Exported[];
}

/** Works on a unit until it ends. After a crash the work goes on from the last checkpoint, with nothing in memory. */
export async function runUnit(plan: UnitPlan, tools: Tools): Promise<UnitRun> {
  const { crashes = new Crashes([]) } = plan;
  const run = { result: undefined as Exported | undefined, expected: [] as Item[], results: [] as Exported[] };
  const checkpoint = { items: 0, pages: 0 };
  for (;;) {
    try {
      await runWorker(plan, run, checkpoint, crashes, crashes.tools(tools));
      return run;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      crashes.restart();
    }
  }
}

interface Run {
  result: Exported | undefined;
  expected: Item[];
  results: Exported[];
}

async function runWorker(
  { job, unit, items, pageSize, has = () => true, pagesEach = () => 1 }: UnitPlan,
  run: Run,
  checkpoint: { items: number; pages: number },
  crashes: Crashes,
  tools: Tools,
): Promise<void> {
  let result = structuredClone(run.result);
  let [at, pages, unsaved] = [checkpoint.items, 0, [] as Item[]];
  for (let last = false, due = pagesEach(); !last; ) {
    const end = at + pageSize();
    const found = items.slice(at, end).filter(has);
    last = end >= items.length;
    const page: Page = {
      items: found,
      scannedItems: found.length,
      scannedBytes: 8192,
      rcu: 1,
      position: { job: job.id, unit, page: checkpoint.pages + pages },
      table: job.table.name,
      params: job.params,
      last,
    };
    result = await exportItems.page(page, result, tools);
    [at, pages] = [end, pages + 1];
    unsaved.push(...found);
    if (!last && pages < due) continue;
    result = await exportItems.flush!(result, tools);
    crashes.moment();
    run.result = result;
    run.results.push(result);
    run.expected.push(...unsaved);
    Object.assign(checkpoint, { items: at, pages: checkpoint.pages + pages });
    [pages, unsaved, due] = [0, [], pagesEach()];
  }
}

export async function* resultsOf(runs: readonly Pick<UnitRun, "result">[]): AsyncGenerator<UnitResult<Exported>> {
  for (const [unit, { result }] of runs.entries()) yield { unit, result, endedAt: CREATED + 60_000 + unit };
}

/** The manifests of units that are done. */
export function finish(
  job: FinishedJob,
  runs: readonly Pick<UnitRun, "result">[],
  tools: Tools,
): Promise<ExportResult> {
  return exportItems.finish!(job, resultsOf(runs), tools) as Promise<ExportResult>;
}

/** Gives each test of a file tools that write to a separate bucket in fauxqs. */
export function beforeEachWithTools(take: (tools: Tools) => void): void {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.start();
  });
  afterAll(() => ground?.stop());
  beforeEach(async () => {
    const { s3 } = ground.clients;
    const bucket = `results-${randomUUID().slice(0, 8)}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    take(exportTools(s3, bucket));
  });
}

export async function body({ s3, bucket }: Tools, key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** All keys of the bucket, in order. */
export function stored({ s3, bucket }: Tools): Promise<string[]> {
  return keys({ s3 } as never, bucket);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The code of the error that a promise ends with. */
export function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "none",
    (error) => error.code,
  );
}

export function items(count: number, bytes = 10): Item[] {
  return Array.from({ length: count }, (_, i) => ({ id: { S: `item-${i}` }, text: { S: "x".repeat(bytes) } }));
}

/** Text that deflates only to three quarters, and is the same in each run. */
export function noise(bytes: number, seed: number): string {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher
    .update(Buffer.alloc(Math.ceil((bytes * 3) / 4)))
    .toString("base64")
    .slice(0, bytes);
}

export function noisy(count: number, bytes: number): Item[] {
  return Array.from({ length: count }, (_, i) => ({ id: { S: `item-${i}` }, text: { S: noise(bytes, i) } }));
}

/** A unit of ten items in pages of three. */
export function plan(more: Partial<UnitPlan> = {}): UnitPlan {
  return { job: exportJob("job-1"), unit: 0, items: items(10), pageSize: () => 3, ...more };
}
