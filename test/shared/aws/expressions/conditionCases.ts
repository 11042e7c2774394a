/** Cases of conditions for several tests. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "../../../../shared/aws/itemSize";

const bytes = (...all: number[]) => Uint8Array.from(all);
/** The item of the cases. */
export const item: Item = {
  k: { S: "table of cases" },
  s: { S: "abc" },
  s2: { S: "abc" },
  e: { S: "grüße€" },
  em: { S: "😀" },
  emp: { S: "" },
  n: { N: "10" },
  f: { N: "1.50" },
  big: { N: "12345678901234567890123456789012345678" },
  b: { B: bytes(1, 200, 3) },
  t: { BOOL: true },
  z: { NULL: true },
  l: { L: [{ S: "a" }, { N: "1.0" }, { L: [{ N: "2" }] }] },
  m: { M: { x: { N: "1" }, y: { S: "q" }, "a.b": { S: "d" } } },
  ss: { SS: ["a", "b"] },
  ns: { NS: ["1", "2"] },
  bs: { BS: [bytes(1), bytes(2)] },
  "a.b": { S: "dot" },
  ssl: { L: [{ SS: ["a", "b"] }] },
};

/** Values for every case that names them. */
export const values: Record<string, AttributeValue> = {
  ":abc": { S: "abc" },
  ":ab": { S: "ab" },
  ":empty": { S: "" },
  ":S": { S: "S" },
  ":X": { S: "X" },
  ":N": { S: "N" },
  ":1": { N: "1" },
  ":one": { N: "1.0" },
  ":2": { N: "2" },
  ":3": { N: "3" },
  ":6": { N: "6" },
  ":ten": { N: "1e1" },
  ":true": { BOOL: true },
  ":null": { NULL: true },
  ":list": { L: [{ S: "a" }, { N: "1" }, { L: [{ N: "2.0" }] }] },
  ":map": { M: { y: { S: "q" }, "a.b": { S: "d" }, x: { N: "1.0" } } },
  ":ba": { SS: ["b", "a"] },
  ":2.1": { NS: ["2.0", "1"] },
  ":bytes": { B: bytes(1, 200) },
  ":200": { B: bytes(200) },
  ":u": { S: "\uffee" },
  ":bigger": { N: "12345678901234567890123456789012345679" },
};
export const placeholders: Record<string, string> = {
  "#a": "a.b",
  "#s": "s",
  "#m": "m",
  "#1": "n",
  "#not": "s",
  "#x_1": "x",
};

/** Conditions, and invalid texts. */
export const cases: readonly string[] = [
  ...["s = :abc", "missed = :abc", "missed <> :abc", "NOT missed <> :abc", "missed = missed2", "missed <> missed2"],
  ...["s <> :1", "s < :1", "NOT s < :1", "s < t", "t < t2", "t < :true", "t < :null", "l < :list", "m <= m2", "t <= t"],
  ...["f = :one", "n = :ten", "ss = :ba", "l = :list", "m = :map", "m <> :map", "ssl = l", "contains(ssl, :ba)"],
  ...["big < :bigger", "big = :bigger", "em > :u", "em < :u", "b < :200", "b > :bytes", "s = s", "m.x = m.x"],
  ...["s BETWEEN :ab AND :abc", "s BETWEEN :abc AND :ab", "s BETWEEN :ab AND :1", "n BETWEEN :ab AND :abc"],
  ...["n BETWEEN f AND big", "n BETWEEN missed AND big", "t BETWEEN :true AND :true", ":3 BETWEEN f AND big"],
  ...["s IN (:1, :abc)", "s IN (s2)", "s IN (s)", "s IN (n, s2, s)", "s IN ()", "missed IN (missed2)", "ss IN (:ba)"],
  ...[`s IN (${":abc,".repeat(99)}:abc)`, `s IN (${":abc,".repeat(100)}:abc)`],
  ...["attribute_exists(m.x)", "attribute_exists(l[9])", "attribute_exists(s.x)", "attribute_exists(z)"],
  ...["attribute_exists(:1)", "attribute_exists(size(s))", "attribute_exists(s, n)", "attribute_exists()"],
  ...["attribute_not_exists(m.q.r)", "Attribute_Exists(s)", "attribute_exists (s)", "attribute_exists((s))"],
  ...["attribute_type(s, :S)", "attribute_type(s, :X)", "attribute_type(s, :1)", "attribute_type(s, s2)"],
  ...["attribute_type(size(s), :N)", "attribute_type(:1, :N)", "attribute_type(missed, :N)"],
  ...["begins_with(s, :ab)", "begins_with(s, :empty)", "begins_with(b, :bytes)", "begins_with(s, :1)"],
  ...["begins_with(n, :ab)", "begins_with(:abc, s)", "begins_with(s, s)", "begins_with(s, size(s2))"],
  ...["contains(s, :ab)", "contains(s, :empty)", "contains(n, :1)", "contains(b, :200)", "contains(ss, s)"],
  ...["contains(ns, :one)", "contains(l, :1)", "contains(m, :1)", "contains(ss, :ba)", "contains(s, :true)"],
  ...["contains(ns, size(ss))", "contains(size(s), :3)", "contains(s, s)", "contains(:1, s)", "contains(:abc, s)"],
  ...["size(s) = :3", "size(e) = :6", "size(em) = :1", "size(em) = :2", "size(n) <> :2", "size(n) < :3"],
  ...["size(b) = :3", "size(l) = :3", "size(m) = :3", "size(ss) = :2", "size(bs) = :2", "size(missed) <> :1"],
  ...["size(:abc) = :3", "size(:1) = :3", "size(:null) = :3", "size(s)", "NOT size(s)", "size(s) AND s = s2"],
  ...["size(size(s)) = :1", "size(s) = size(s)", "size(s) IN (:3)", "size(s) BETWEEN :1 AND :3", "size(s, n) = :3"],
  ...["(s = :abc)", "((s = :abc))", "(s) = :abc", "((s)) = :abc", "s = (:abc)", "(m).x = :1", "(m.x) = :1"],
  ...["((s = s2) OR s = :ab)", "(((s = s2)) OR s = :ab)", "((s) = (s2))", "(s = s2) = :true", "((size(s))) = n"],
  ...["NOT (s = s2)", "NOT ((s = s2))", "NOT NOT s = s2", "(NOT (s = s2))", "attribute_exists(s) = :true"],
  ...["s = s2 OR s = s2 AND s = :ab", "NOT s = :ab AND s = s2", "s = :ab Or s = s2 aNd s = s2", "not s = s2"],
  ...[
    "m . x = :1",
    "l [ 1 ] = :1",
    "l[01] = :1",
    "l[1.0] = :1",
    "l[-1] = :1",
    "l[2147483647] = s",
    "l[2147483648] = s",
  ],
  ...["l[2][0] = :2", "m[0] = :1", "l.x = :1", "#a = s", "m.#a = s", "#m.#x_1 = :1", "#m.x = #m.y", "#1 = :ten"],
  ...["#s = s", "#not = :abc", "# s = :abc", ": abc = s", "#nobody = s", "s = :nobody", "_a = s", "1a = s", "a-b = s"],
  ...["contains = :1", "not = :1", "m.not = :1", "in = :1", "name(s)"],
  ...["", " ", "s", "s =", "s = s2 AND", "AND s = s2", ":true", "s s2", "s == s2", "s != s2", "s = 'abc'", "s = 3"],
  ...[
    "s = s2 = s",
    "s<>s2",
    "s< >s2",
    "(s = s2",
    "s = s2)",
    "s BETWEEN :ab",
    "s IN :ab",
    "s NOT IN (:ab)",
    "s IS NULL",
  ],
  ...[
    "s = s2\tAND\n s = s2\r\n",
    "s = s2\u00a0",
    "s = s2\f",
    "s=:abcAND s=s2",
    "s=:abc AND(s=s2)",
    "s BETWEEN:ab AND:abc",
  ],
  ...[Array(32).fill("m").join("."), Array(33).fill("m").join(".")].map((path) => `${path} = s`),
  ...[150, 151].map((n) => Array(n).fill("s = s2").join(" AND ")),
  ...[150, 151].map((n) => Array(n).fill("n BETWEEN f AND big").join(" OR ")),
  ...[100, 101].map((n) => Array(n).fill("size(s) = n").join(" OR ")),
  ...[`${"NOT ".repeat(299)}s = s2`, `${"NOT ".repeat(300)}s = s2`, `${"(".repeat(99)}s=s2${" AND s=s2)".repeat(99)}`],
  ...[298, 299].map((n) => `${"NOT (".repeat(n)}s = s2${")".repeat(n)}`),
  ...[`s=s2${" ".repeat(4_092)}`, `s=s2${" ".repeat(4_093)}`, `${"(".repeat(2_000)}s=s2${")".repeat(2_000)}`],
];

/** Those of the keys that occur in the text as whole words. */
export function usedOf<T>(text: string, defined: Readonly<Record<string, T>>): Record<string, T> {
  const used = new Set(text.match(/[:#]\w+/g));
  return Object.fromEntries(Object.entries(defined).filter(([name]) => used.has(name)));
}

/** Names and values of the texts below. */
export const context = {
  names: { "#a": "a.b", "#empty": "" },
  values: { ":v": { S: "x" }, ":n": { N: "1" }, ":x": { S: "X" } },
};

/** Texts that are refused, with the position and the reason. */
export const refused: readonly (readonly [string, number, string])[] = [
  ["", 1, "expected an operand: a path, a :value or a function, found the end"],
  ["a = ", 5, "expected an operand: a path, a :value or a function, found the end"],
  ["a", 1, "expected a condition, found an operand that nothing compares"],
  ["a = :v b", 8, 'expected AND, OR or the end, found "b"'],
  ["a = :v AND c", 12, "expected a condition, found an operand that nothing compares"],
  ["a in :v", 6, 'expected "(", found ":v"'],
  ["a in (:v", 9, 'expected "," or ")", found the end'],
  ["a BETWEEN :v", 13, "expected AND and the upper bound of BETWEEN, found the end"],
  ["a.b. = :v", 6, 'expected a name, found "="'],
  ["a[x] = :v", 3, 'expected the number of a list\'s element, found "x"'],
  ["a = 'x'", 5, 'expected an operand: a path, a :value or a function, found "\'"'],
  ["a = :w", 5, "the value :w isn't defined"],
  ["#b = :v", 1, "the name #b isn't defined"],
  ["#empty = :v", 1, "the name #empty stands for an empty name"],
  ["((a = :v))", 1, "these parentheses are redundant, which DynamoDB refuses"],
  [
    "exists(a)",
    1,
    "there is no function exists, but attribute_exists, attribute_not_exists, attribute_type, begins_with, contains, size",
  ],
  ["begins_with(a)", 1, "begins_with takes 2 operands, got 1"],
  ["begins_with(a, :n)", 1, "begins_with takes operands of the types S, B, got N"],
  ["attribute_type(a, :x)", 1, 'there is no type "X"'],
  ["attribute_exists(:v)", 1, "attribute_exists takes a document path"],
  ["size(a)", 1, "size is no condition; compare it with a value"],
  ["attribute_exists(a) = :v", 1, "expected an operand, found a condition; it can't be compared or passed on"],
  ["a = a", 3, "= must not compare a path with itself"],
  ["a BETWEEN :v AND :n", 3, "the bounds of BETWEEN must be of the same type"],
  ["a BETWEEN :v AND :x", 3, "the lower bound of BETWEEN must not be above the upper bound"],
  ["a = :v\u00a0", 7, 'expected AND, OR or the end, found "\u00a0"'],
];
