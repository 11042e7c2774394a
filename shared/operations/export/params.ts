/** An export's parameters, and the keys of its objects. */
import * as v from "valibot";
import { type ExportFormat, exportFormats } from "../../exports/itemLines";
import { type RequestOption, text } from "../../requestOption";

export interface ExportParams {
  /** Keys begin with it; a `/` follows if it does not end in one. Default: nothing. At most 512 characters. */
  readonly exportPrefix?: string;
  /** Default `dynamodb-json`. */
  readonly format?: ExportFormat;
}

export const exportOptions = {
  exportPrefix: {
    schema: v.optional(text),
    flag: "--export-prefix <prefix>",
    help: "prefix of the keys of exported objects; default: none",
  },
  format: {
    schema: v.optional(v.picklist(exportFormats, `must be ${exportFormats.join(" or ")}`)),
    flag: "--format <name>",
    help: `format of exported objects, ${exportFormats.join(" or ")}; default: ${exportFormats[0]}`,
  },
} satisfies Record<string, RequestOption>;

/** A key has 1,024 bytes at most; the longest that follows a prefix is 140 long. */
const LONGEST_PREFIX = 512;
/** Safe in keys, URLs and paths. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const SAFE = /^[A-Za-z0-9!_.*'()/-]*$/;
const DIGITS = 7;

/** All that is wrong with the params, a sentence each. */
export function paramProblems({ exportPrefix = "", format = "dynamodb-json" }: Record<string, unknown>): string[] {
  const problems = typeof exportPrefix === "string" ? prefixProblems(exportPrefix) : ["exportPrefix must be a text."];
  if (!exportFormats.includes(format as ExportFormat)) {
    problems.push(`format must be ${exportFormats.join(" or ")}, got ${JSON.stringify(format)}.`);
  }
  return problems;
}

function prefixProblems(prefix: string): string[] {
  const parts = (prefix.endsWith("/") ? prefix.slice(0, -1) : prefix).split("/");
  const wrong: [boolean, string][] = [
    [prefix.length > LONGEST_PREFIX, `must have at most ${LONGEST_PREFIX} characters, got ${prefix.length}`],
    [!SAFE.test(prefix), "may have letters, digits and ! - _ . * ' ( ) / only"],
    [prefix.startsWith("/"), "must not begin with /"],
    [parts.slice(1).includes(""), "must not have // in it"],
    [parts.includes(".") || parts.includes(".."), "must not have . or .. between slashes"],
  ];
  return wrong.flatMap(([is, rule]) => (is ? `exportPrefix ${rule}.` : []));
}

/** The keys of a job's export. They depend on nothing but prefix, job, segment and the object's number. */
export class ExportKeys {
  /** As the manifest names it: without a `/` at the end; null where there is none. */
  readonly prefix: string | null;
  readonly #root: string;

  constructor({ exportPrefix = "" }: ExportParams, job: string) {
    const prefix = exportPrefix.replace(/\/$/, "");
    this.prefix = prefix === "" ? null : prefix;
    this.#root = `${prefix === "" ? "" : `${prefix}/`}AWSDynamoDB/${job}/`;
  }

  /** Everything that the job has put lies below it. */
  get root(): string {
    return this.#root;
  }

  /** Nothing but data lies under `data/`, so that what reads all objects of a prefix (ImportTable, Athena) may be sent there. */
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

function padded(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
