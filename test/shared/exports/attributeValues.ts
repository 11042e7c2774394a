/** Items with attributes of every type, as the low-level client gives them, for property tests. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as fc from "fast-check";
import type { Item } from "../../../shared/aws/itemSize";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const breaks = fc.constantFrom("\n", "\r\n", "\u2028", "\u2029", "\u0085", '"', "\\", "\u0000");
const anyText = fc.oneof(
  text,
  fc.array(fc.oneof(text, breaks), { maxLength: 4 }).map((parts) => parts.join("")),
);
/**
 * Names have no backslash: once Node 24 has read a name with one, any JSON.parse may confuse it with an escaped name such as
 * `"\n"` (https://github.com/nodejs/node/issues/63785).
 */
const anyName = anyText.map((name) => name.replaceAll("\\", ""));
const digits = fc.bigInt({ min: 1n, max: 10n ** 38n - 1n }).map(String);
export const numberText = fc.oneof(
  fc.constantFrom("0", "-0.5", "1E+25", "9.9999999999999999999999999999999999999E+125", "-1E-130"),
  digits,
  digits.map((number) => `-0.${number}`),
);
const bytes = fc.uint8Array({ maxLength: 12 });

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    anyText.map((S) => ({ S })),
    numberText.map((N) => ({ N })),
    bytes.map((B) => ({ B })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.array(anyText, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
    fc.array(numberText, { minLength: 1, maxLength: 3 }).map((NS) => ({ NS })),
    fc.array(bytes, { minLength: 1, maxLength: 3 }).map((BS) => ({ BS })),
    fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(anyName, tie("value"), { maxKeys: 3, noNullPrototype: true }).map((M) => ({ M })),
  ),
}));

export const attributeValue: fc.Arbitrary<AttributeValue> = value;
export const anyItem: fc.Arbitrary<Item> = fc.dictionary(anyName, value, { maxKeys: 5, noNullPrototype: true });
