/** Pages of units, read and operated on by a worker in either language. */
import { dynamoJson } from "../../../shared/aws/dynamoJson";
import type { Item } from "../../../shared/aws/itemSize";
import type { Json } from "../../../shared/json";
import type { Entry, OperationWork, Page, Tools } from "../../../shared/operations/operation";
import { readingOperations } from "../../../shared/operations/reading";
import { sourceReader } from "../../../shared/sources/readers";
import type { Cursor, ReadBefore } from "../../../shared/sources/source";
import type { SourceSpec } from "../../../shared/sources/specs";
import { PythonProcess } from "./pythonProcess";

/** A worker's turn at a unit: so many pages from a checkpoint on. */
export interface Turn {
  readonly job: string;
  readonly operation: "count" | "export";
  readonly spec: SourceSpec;
  readonly unit: number;
  readonly units: number;
  /** Most items of a page, and pages up to the checkpoint. */
  readonly most: number;
  readonly pages: number;
  /** Fields of the checkpoint before. */
  readonly cursor: Cursor | null;
  readonly counts: ReadBefore;
  readonly result: Json;
}

/** A page as both languages have it: items and keys in DynamoDB JSON. */
export interface ReadPage {
  readonly items: readonly Json[];
  readonly missing: readonly Json[];
  readonly unreadable: number;
  readonly scannedItems: number;
  readonly rcu: number;
}

/** The checkpoint after a turn. */
export interface Turned {
  readonly cursor: Cursor | null;
  readonly result: Json;
  readonly pages: readonly ReadPage[];
}

export interface Worker {
  work(turn: Turn): Promise<Turned>;
}

const json = (item: Item): Json => JSON.parse(dynamoJson(item)) as Json;

/** A worker in this process. Each of its turns begins without memory. */
export class TypeScriptWorker implements Worker {
  constructor(private readonly tools: Tools) {}

  async work({ spec, unit, units, most, pages, counts: before, ...turn }: Turn): Promise<Turned> {
    const { dynamodb, s3, retry, signal } = this.tools;
    const budget = { perSecond: () => undefined, mostItems: () => most };
    const read: ReadPage[] = [];
    const operation = readingOperations.named(turn.operation) as OperationWork<Json>;
    const source = sourceReader(spec).open(
      { spec, unit, units, averageBytes: undefined, before },
      { dynamodb, s3, budget, retry },
    );
    let cursor: Cursor | undefined = turn.cursor ?? undefined;
    let result = (structuredClone(turn.result) ?? undefined) as Json;
    try {
      for (let number = 0; number < pages && (number === 0 || cursor !== undefined); number++) {
        const { missing = [], unreadable = [], ...page } = await source.read(cursor, signal);
        ({ cursor } = page);
        const position = { job: turn.job, unit, page: before.pages + number };
        const given: Page = { ...page, position, table: spec.table, params: {}, last: cursor === undefined };
        result = await operation.page(given, result, this.tools);
        const { scannedItems, rcu } = page;
        read.push({
          items: page.items.map(json),
          missing: missing.map(json),
          unreadable: unreadable.length,
          scannedItems,
          rcu,
        });
      }
    } finally {
      source.close?.();
    }
    const flushed = (await operation.flush?.(result, this.tools)) ?? result;
    return { cursor: cursor ?? null, result: JSON.parse(JSON.stringify(flushed)) as Json, pages: read };
  }
}

/** A worker in a Python process. Its entries go to the store of this process. */
export class PythonWorker implements Worker {
  private readonly python: PythonProcess;
  private readonly answers: AsyncIterator<string>;

  /** @param variables the endpoint and credentials of both services. @param sizes see ObjectSizes in open_object.py */
  constructor(
    private readonly tools: Pick<Tools, "bucket" | "entries">,
    variables: NodeJS.ProcessEnv,
    private readonly sizes: Readonly<Record<string, number>>,
  ) {
    this.python = new PythonProcess("work_pages", [], variables);
    this.answers = this.python.lines[Symbol.asyncIterator]();
  }

  async work({ spec, ...turn }: Turn): Promise<Turned> {
    const { bucket } = this.tools;
    this.python.child.stdin!.write(`${JSON.stringify({ ...turn, spec, bucket, sizes: this.sizes })}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`The Python worker died: ${this.python.errors}`);
    const { entries, ...turned } = JSON.parse(value) as Turned & { readonly entries: readonly Entry[] };
    for (const { unit, number, value: entry } of entries) await this.tools.entries.put(unit, number, entry as object);
    return turned;
  }

  async stop(): Promise<void> {
    this.python.child.stdin!.end();
    await this.python.ended;
  }
}
