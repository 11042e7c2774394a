/**
 * AWS's list prices, in dollars: prices.json, each with unit, source and date. A user's file in the same form replaces
 * some of them:
 *
 * ```json
 * { "region": "eu-central-1", "asOf": "2026-12", "prices": { "tableReads": { "value": 0.1525 } } }
 * ```
 *
 * Free tiers and volume discounts are left out. A price of `null` is unknown: parts that depend on it are shown as not
 * priced.
 */
import * as v from "valibot";
import { SluiceError } from "../errors";
import { withoutMark } from "../json";
import listed from "./prices.json";

export interface Price {
  /** Dollars for `per` of them. Null: not known. */
  readonly value: number | null;
  readonly per: number;
  /** The unit that the value pays for, including `per`. */
  readonly unit: string;
  /** Title and address of the page that states it. */
  readonly title: string;
  readonly address: string;
  /** Notes: exceptions, and where the figure was read if not on the page itself. */
  readonly note?: string;
}

export type PriceName = keyof typeof listed.prices;

export interface Prices {
  /** Where and when they hold. */
  readonly region: string;
  readonly asOf: string;
  readonly currency: string;
  readonly prices: Readonly<Record<PriceName, Price>>;
}

/** Prices are only in prices.json. */
export const listPrices: Prices = listed;

/** Dollars for an amount; undefined: the price is not known. An amount of 0 costs 0, even if the price is not known. */
export function dollarsFor(amount: number, name: PriceName, { prices }: Prices = listPrices): number | undefined {
  if (amount === 0) return 0;
  const { value, per } = prices[name];
  return value === null ? undefined : (amount / per) * value;
}

const VALUE = "must be dollars, 0 or more, or null";
const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));
const value = v.nullable(v.pipe(v.number(VALUE), v.finite(VALUE), v.minValue(0, VALUE)), null);

const Given = v.strictObject(
  {
    value: v.custom<number | null>((given) => given !== undefined && v.is(value, given), VALUE),
    title: v.exactOptional(text),
    address: v.exactOptional(text),
    note: v.exactOptional(text),
    // Fields that a copy of prices.json has; the priced amounts stay the same.
    per: v.exactOptional(v.number("must be a number")),
    unit: v.exactOptional(text),
  },
  "must be an object with a value",
);

const Document = v.strictObject(
  {
    region: v.exactOptional(text),
    asOf: v.exactOptional(text),
    currency: v.exactOptional(text),
    prices: v.custom<Record<string, unknown>>(isObject, "must be an object with the prices by name"),
  },
  'must be an object with "prices"',
);

/**
 * The list prices, some replaced by a user's own.
 *
 * @param json the file's text. @param file its name, for the message and as the source of its prices.
 * @throws SluiceError PRICES_INVALID: one sentence with every problem; `value`: the problems
 */
export function pricesFrom(json: string, file: string): Prices {
  const parsed = parse(json, file);
  const document = v.safeParse(Document, parsed);
  if (!document.success) throw invalid(file, document.issues.map(problemOf));
  const { prices: given, ...where } = document.output;
  const problems: string[] = [];
  const prices: Record<string, Price> = { ...listPrices.prices };
  for (const [name, entry] of Object.entries(given)) {
    const one = priceFrom(name, entry, file);
    if (Array.isArray(one)) problems.push(...one);
    else prices[name] = one;
  }
  if (problems.length > 0) throw invalid(file, problems);
  return { ...listPrices, ...where, prices: prices as Prices["prices"] };
}

/** A price of the file, or all its problems. */
function priceFrom(name: string, entry: unknown, file: string): Price | string[] {
  if (!Object.hasOwn(listPrices.prices, name)) {
    return [`${name} is not a price; the prices are ${Object.keys(listPrices.prices).join(", ")}`];
  }
  const ours = listPrices.prices[name as PriceName];
  const { success, issues, output } = v.safeParse(Given, entry);
  if (!success) return issues.map((issue) => `${name}${dot(issue)} ${messageOf(issue)}`);
  if (output.per !== undefined && output.per !== ours.per) return [`${name}.per must be ${ours.per}: ${ours.unit}`];
  const source = { title: `prices in ${file}`, address: file, note: `given in ${file}` };
  return { ...source, ...output, per: ours.per, unit: ours.unit };
}

function parse(json: string, file: string): unknown {
  try {
    return JSON.parse(withoutMark(json));
  } catch (cause) {
    throw invalid(file, [`it must be JSON: ${(cause as Error).message}`]);
  }
}

function problemOf(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? "it"} ${messageOf(issue)}`;
}

function messageOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type !== "strict_object" || issue.path === undefined) return issue.message;
  return issue.expected === "never" ? "is not known" : "must be given";
}

function dot(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? "" : `.${path}`;
}

function invalid(file: string, problems: readonly string[]): SluiceError {
  return new SluiceError("PRICES_INVALID", `Prices file ${file} is wrong: ${problems.join("; ")}.`, {
    value: problems,
  });
}

function isObject(given: unknown): boolean {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}
