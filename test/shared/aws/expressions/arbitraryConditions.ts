/** Random items and conditions. They have few names and values, so they often meet. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { Item } from "../../../../shared/aws/itemSize";

export interface ConditionCase {
  readonly text: string;
  readonly values: Record<string, AttributeValue>;
}

/** Attributes that items may have. A condition reaches some of them only by `#dot` and `#word`. */
export const names = { "#dot": "a.b", "#word": "name" };
const attributes = ["a", "b", "c", "a.b", "name"];

const texts = ["", "a", "ab", "abc", "b", "é", "\uffee", "😀", "S", "N"];
const numbers = [
  ...["0", "-0", "1", "1.0", "10", "1e1", "2", "3", "-1", "-1.5", "-15e-1", "1e-130", "9.9e125", "-9.9e125"],
  ...["12345678901234567890123456789012345678", "12345678901234567890123456789012345679", "0.1", "0.10000000000000001"],
];
const bytes = [[], [1], [1, 200], [200], [97]].map((all) => Uint8Array.from(all));

const text = fc.constantFrom(...texts);
const number = fc.constantFrom(...numbers);
const binary = fc.constantFrom(...bytes);
const different = { minLength: 1, maxLength: 3 };

const scalar: fc.Arbitrary<AttributeValue> = fc.oneof(
  text.map((S) => ({ S })),
  number.map((N) => ({ N })),
  binary.map((B) => ({ B })),
  fc.boolean().map((BOOL) => ({ BOOL })),
  fc.constant({ NULL: true as const }),
);

const set: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.uniqueArray(text, different).map((SS) => ({ SS })),
  fc.uniqueArray(number, { ...different, selector: (one) => Number(one) + 0 }).map((NS) => ({ NS })),
  fc.uniqueArray(binary, different).map((BS) => ({ BS })),
);

const { value } = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { arbitrary: scalar, weight: 5 },
    { arbitrary: set, weight: 1 },
    { arbitrary: fc.array(tie("value"), { maxLength: 3 }).map((L) => ({ L })), weight: 1 },
    { arbitrary: fc.dictionary(fc.constantFrom("x", "y"), tie("value")).map((M) => ({ M: { ...M } })), weight: 1 },
  ),
}));

/** Without its key. */
export const arbitraryItem: fc.Arbitrary<Item> = fc
  .dictionary(fc.constantFrom(...attributes), value)
  .map((item) => ({ ...item }));

/** `${v}` stands for a value yet to be named. */
interface Piece {
  readonly text: string;
  readonly values: readonly AttributeValue[];
}

const VALUE = "\u0000";
const join = (text: string, ...pieces: Piece[]): Piece => {
  let i = 0;
  const filled = text.replaceAll("?", () => pieces[i++]!.text);
  return { text: filled, values: pieces.flatMap(({ values }) => values) };
};

const root = fc.constantFrom("a", "b", "c", "#dot", "#word", "missing1");
const path = fc
  .tuple(root, fc.array(fc.constantFrom(".x", ".y", "[0]", "[1]", ".#word"), { maxLength: 2 }))
  .map(([name, rest]) => ({ text: name + rest.join(""), values: [] }));
const literal = value.map((one) => ({ text: VALUE, values: [one] }));
const simple = fc.oneof({ arbitrary: path, weight: 3 }, { arbitrary: literal, weight: 2 });
const size = simple.map((of) => join("size(?)", of));
const bare = fc.oneof({ arbitrary: simple, weight: 6 }, { arbitrary: size, weight: 1 });
const operand = fc.oneof({ arbitrary: bare, weight: 9 }, { arbitrary: bare.map((one) => join("(?)", one)), weight: 1 });

const comparison = fc
  .tuple(operand, fc.constantFrom("=", "<>", "<", "<=", ">", ">="), operand)
  .map(([left, by, right]) => join(`? ${by} ?`, left, right));
const between = fc.tuple(operand, operand, operand).map((all) => join("? between ? AND ?", ...all));
const within = fc
  .tuple(operand, fc.array(operand, { minLength: 1, maxLength: 3 }))
  .map(([one, others]) => join(`? IN (${others.map(() => "?").join(",")})`, one, ...others));
const existence = fc
  .tuple(fc.constantFrom("attribute_exists", "attribute_not_exists"), path)
  .map(([name, of]) => join(`${name}(?)`, of));
const typed = fc
  .tuple(operand, fc.constantFrom("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"))
  .map(([of, S]) => join("attribute_type(?, ?)", of, { text: VALUE, values: [{ S }] }));
const paired = fc
  .tuple(fc.constantFrom("begins_with", "contains"), operand, operand)
  .map(([name, left, right]) => join(`${name}(?, ?)`, left, right));

const { clause } = fc.letrec<{ clause: Piece }>((tie) => ({
  clause: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    comparison,
    comparison,
    between,
    within,
    existence,
    typed,
    paired,
    paired,
    tie("clause").map((one) => join("NOT ?", one)),
    tie("clause").map((one) => join("(?)", one)),
    fc
      .tuple(tie("clause"), fc.constantFrom("AND", "OR", "or"), tie("clause"))
      .map(([left, by, right]) => join(`? ${by} ?`, left, right)),
  ),
}));

export const arbitraryCondition: fc.Arbitrary<ConditionCase> = clause.map(({ text, values }) => {
  let i = 0;
  return {
    text: text.replaceAll(VALUE, () => `:v${i++}`),
    values: Object.fromEntries(values.map((one, n) => [`:v${n}`, one])),
  };
});
