/** An export's parameters, and the keys of its objects. */
import type { ExportFormat } from "../../exports/itemLines";
import { padded } from "../../results/padded";

export interface ExportParams {
  /** Keys begin with it; a `/` follows if it does not end in one. Default: nothing. At most 512 characters. */
  readonly exportPrefix?: string;
  /** Default `dynamodb-json`. */
  readonly format?: ExportFormat;
}

/** The keys of a job's export. They depend on nothing but prefix, job, segment and the object's number. */
export class ExportKeys {
  /** As in the manifest: without a `/` at the end; null if there is none. */
  readonly prefix: string | null;
  readonly #root: string;

  constructor({ exportPrefix = "" }: ExportParams, job: string) {
    const prefix = exportPrefix.replace(/\/$/, "");
    this.prefix = prefix === "" ? null : prefix;
    this.#root = `${prefix === "" ? "" : `${prefix}/`}AWSDynamoDB/${job}/`;
  }

  /** All the job's objects are below this prefix. */
  get root(): string {
    return this.#root;
  }

  /** Only data is below `data/`, for services that read all objects of a prefix (ImportTable, Athena). */
  data(segment: number, number: number): string {
    return `${this.#root}data/${padded(segment)}-${padded(number)}.json.gz`;
  }

  /** Pieces of an object that is not complete yet. They are removed when it is. */
  piece(segment: number, number: number, piece: number): string {
    return `${this.#root}open/${padded(segment)}-${padded(number)}-${padded(piece)}`;
  }

  get files(): string {
    return `${this.#root}manifest-files.json`;
  }

  get summary(): string {
    return `${this.#root}manifest-summary.json`;
  }
}
