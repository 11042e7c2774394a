/** Items made at random of all types and of odd names and values, for golden files. A seed gives the same ones each time. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { plainNumber } from "../../shared/aws/decimal";
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Item } from "../../shared/aws/itemSize";
import type { Json } from "../../shared/json";

export const SEED = 14;

export function sample<T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] {
  return fc.sample(arbitrary, { numRuns, seed: SEED });
}

export function itemJson(item: Item): Record<string, Json> {
  return JSON.parse(dynamoJson(item));
}

const digits = fc.bigInt({ min: 0n, max: 10n ** 38n - 1n });
const fewDigits = fc.integer({ min: 0, max: 99_999 }).map(BigInt);

/** Every way to write a number that DynamoDB takes. */
export const numberText = fc.oneof(
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map(String),
  fc
    .tuple(fc.constantFrom("", "-", "+"), fc.oneof(digits, fewDigits), fc.integer({ min: -90, max: 80 }))
    .map(([sign, integer, power]) => `${sign}${integer}e${power}`),
  fc
    .tuple(fc.constantFrom("", "-"), fewDigits, fewDigits, fc.constantFrom("", "0", "000"))
    .map(([sign, whole, fraction, zeros]) => `${sign}${zeros}${whole}.${fraction}${zeros}`),
  fc.constantFrom(
    "0",
    "-0",
    "0.00",
    "1.",
    ".5",
    "1E+2",
    "1e-130",
    "9.9e125",
    "00",
    "9".repeat(38),
    `-${"9".repeat(38)}`,
  ),
);

const odd = [
  "",
  "a",
  "naïve",
  "€",
  "😀",
  "\u0000",
  "\u2028",
  '"',
  "\\",
  "\ufeff",
  "e\u0301",
  "constructor",
  "x".repeat(300),
];
const text = fc.oneof(fc.constantFrom(...odd), fc.string({ unit: "grapheme", maxLength: 12 }));
const bytes = fc.uint8Array({ maxLength: 12 });
const members = { minLength: 1, maxLength: 4 };

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text.map((S) => ({ S })),
    numberText.map((N) => ({ N })),
    bytes.map((B) => ({ B })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true as const }),
    fc.uniqueArray(text, members).map((SS) => ({ SS })),
    fc.uniqueArray(numberText, { ...members, selector: plainNumber }).map((NS) => ({ NS })),
    fc.uniqueArray(bytes, { ...members, selector: (one) => Buffer.from(one).toString("hex") }).map((BS) => ({ BS })),
    fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }).map((M) => ({ M: { ...M } })),
  ),
}));

export const anyItem: fc.Arbitrary<Item> = fc.dictionary(text, value, { maxKeys: 6 }).map((item) => ({ ...item }));
