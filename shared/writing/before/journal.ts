/**
 * The former values of a unit's writes, in S3: `before/<unit>/<number>.jsonl.gz` below the job's prefix, one record per line.
 *
 *   decide ─► put object n ─► write ─► all done ─► … ─► checkpoint: n + 1 objects
 *                                └─► some refused: put object n again without them
 *
 * An object is durable before its writes are sent. So everything that a killed worker has changed is on record, and a
 * repeated page needs no knowledge of it. A record may therefore be about a write that never happened; its undo finds the
 * item as it was before. Later objects are about later writes.
 */
import { gzipSync } from "node:zlib";
import { dynamoJson } from "../../aws/dynamoJson";
import { padded } from "../../results/padded";
import type { ResultsStore } from "../../results/resultsStore";
import { putObject, readRange } from "../../results/storedObject";
import { type BeforeRecord, recordItem } from "./beforeRecord";

/** @param prefix of the job, ending in `/`. */
export function beforePrefix(prefix: string): string {
  return `${prefix}before/`;
}

/** An object's key below `beforePrefix`. */
export function beforeName(unit: number, number: number): string {
  return `${padded(unit)}/${padded(number)}.jsonl.gz`;
}

/** The objects of one unit, to which one worker adds. */
export class BeforeJournal {
  private constructor(
    private readonly store: ResultsStore,
    private readonly prefix: string,
    private readonly unit: number,
    private next: number,
  ) {}

  /**
   * Finds the objects of workers that put the unit down, or were killed, between two checkpoints. These objects stay.
   *
   * @param prefix of the job. @param from the number of objects according to the checkpoint.
   */
  static async open(store: ResultsStore, prefix: string, unit: number, from: number): Promise<BeforeJournal> {
    const journal = new BeforeJournal(store, prefix, unit, from);
    while ((await readRange(store, journal.key(journal.next), 0, 1)) !== undefined) journal.next++;
    return journal;
  }

  /** Number of the objects so far. */
  get objects(): number {
    return this.next;
  }

  /** Resolves once the records are durable. @returns the object's number */
  async add(records: readonly BeforeRecord[]): Promise<number> {
    const number = this.next;
    await this.put(number, records);
    this.next = number + 1;
    return number;
  }

  /** Puts an object again, with other records. */
  async put(number: number, records: readonly BeforeRecord[]): Promise<void> {
    const text = records.map((record) => `${dynamoJson(recordItem(record))}\n`).join("");
    await putObject(this.store, this.key(number), gzipSync(text), "application/gzip");
  }

  private key(number: number): string {
    return beforePrefix(this.prefix) + beforeName(this.unit, number);
  }
}
