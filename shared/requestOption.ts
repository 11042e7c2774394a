/**
 * One option of a start request. From its declaration follow the request's schema, the flag of the command line and the
 * table in docs/bulk-jobs.md; a test compares them.
 */
import * as v from "valibot";
import { isPlainObject } from "./json";
import { didYouMean, nearestNames } from "./nearestNames";

export interface RequestOption<Schema extends v.GenericSchema = v.GenericSchema> {
  /** What the value must be, and its default. The messages end the sentence "<option> …". */
  readonly schema: Schema;
  /** What the option means, with its unit and default. */
  readonly help: string;
  /** Its flag on the command line, in commander's form: `--segments <n>`. */
  readonly flag: string;
  /** How the command line parses the flag's text. Default: the text itself is the value, or true if the flag has no text. */
  readonly read?: (text: string) => unknown;
  /** The flag's text is a JSON object, or the path of a file with one. Default false. */
  readonly file?: boolean;
}

export type RequestOptions = Readonly<Record<string, RequestOption>>;

/** The schemas of a table of options, for `v.object`. */
export type Schemas<Options extends RequestOptions> = { readonly [Name in keyof Options]: Options[Name]["schema"] };

export function schemasOf<Options extends RequestOptions>(options: Options): Schemas<Options> {
  const entries = Object.entries(options).map(([name, { schema }]) => [name, schema]);
  return Object.fromEntries(entries) as Schemas<Options>;
}

/** A flag's text could not be read. `rule` ends the sentence "--flag must be …". */
export class Unreadable {
  constructor(readonly rule: string) {}
}

export const plainObject = v.custom<Record<string, unknown>>(isPlainObject, "must be an object");

/** Text that is not empty. */
export const text = v.pipe(v.string("must be text"), v.nonEmpty("must not be empty"));

/** Reads a flag's JSON object. */
export function readObject(given: string): Record<string, unknown> | Unreadable {
  try {
    const value: unknown = JSON.parse(given);
    if (isPlainObject(value)) return value;
  } catch {
    // The rule below reports it.
  }
  return new Unreadable("a JSON object");
}

const DECIMAL = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Reads a flag's decimal number. Undefined: it is none. */
export function readNumber(given: string): number | undefined {
  const value = Number(given);
  return DECIMAL.test(given.trim()) && Number.isFinite(value) ? value : undefined;
}

/** One of these names. */
export function nameAmong<const Names extends readonly [string, ...string[]]>(names: Names) {
  return v.picklist(names, ({ input }) => mustBe(String(input), names));
}

/**
 * `must be queue, workflow or spark (Did you mean "spark"?)`: the rule of a value that must be one of these names.
 * @param forms how the values look. Default: as the names
 */
export function mustBe(typed: string, names: readonly string[], forms = names): string {
  const near = nearestNames(typed, names);
  // To offer all of them would repeat the rule.
  const offer = near.length === names.length ? "" : didYouMean(typed, near);
  return `must be ${anyOf(forms)}${offer.replace(/^ (.*)\?$/, " ($1?)")}`;
}

/** `a, b or c`. */
export function anyOf(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** Show at most this many characters of a rejected key or value. */
const SHOWN = 200;

/** A rejected key or value as it is shown: its end is left out if it is long. */
export function cut(shown: string): string {
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
}
