import { keyLine } from "../../../../shared/sources/keys/keyLine";
import type { KeyAttribute } from "../../../../shared/sources/keys/spec";

const keys: KeyAttribute[] = [
  { name: "pk", type: "S" },
  { name: "sk", type: "N" },
];
const binary: KeyAttribute[] = [{ name: "id", type: "B" }];
const named = (name: string): KeyAttribute[] => [{ name, type: "S" }];
const key = { pk: { S: "a" }, sk: { N: "3" } };
const DIGITS = "12345678901234567890123456789012345678";

test.each<[string, string, KeyAttribute[], unknown]>([
  ["plain JSON", '{"pk":"a","sk":3,"other":[1]}', keys, key],
  ["a number as text", '{"pk":"a","sk":"3"}', keys, key],
  ["a number of 38 digits", `{"t":"a \\" 1","sk":${DIGITS},"pk":"a"}`, keys, { pk: { S: "a" }, sk: { N: DIGITS } }],
  ["a fraction", '{"pk":"a","sk":-1.50e3}', keys, { pk: { S: "a" }, sk: { N: "-1.50e3" } }],
  ["DynamoDB JSON", '{"sk":{"N":"3"},"pk":{"S":"a"},"photo":{"B":"aGk="}}', keys, key],
  ["a failure's record", '{"key":{"pk":{"S":"a"},"sk":{"N":"3"}},"code":"X","reason":"y","attempts":2}', keys, key],
  ["white space around it, a carriage return, a byte order mark", '\ufeff {"pk": "a", "sk": 3} \r', keys, key],
  ["binary", '{"id":"aGk="}', binary, { id: { B: Uint8Array.of(104, 105) } }],
  ["typed binary", '{"id":{"B":"aGk="}}', binary, { id: { B: Uint8Array.of(104, 105) } }],
  ["a key named key", '{"key":"a"}', named("key"), { key: { S: "a" } }],
  ["a typed key named key", '{"key":{"S":"a"}}', named("key"), { key: { S: "a" } }],
  ["a failure of a key named key", '{"key":{"key":{"S":"a"}}}', named("key"), { key: { S: "a" } }],
  ["a key named __proto__", '{"__proto__":"a"}', named("__proto__"), JSON.parse('{"__proto__":{"S":"a"}}')],
])("%s", (_, line, attributes, expected) => {
  expect(keyLine(line, attributes)).toEqual({ key: expected });
});

test.each<[string, string, KeyAttribute[], RegExp]>([
  ["broken JSON", '{"pk":"a",', keys, /^The line must be a JSON object\.$/],
  ["no object", "[1]", keys, /must be a JSON object/],
  ["a missing attribute", '{"pk":"a"}', keys, /^The line must have the key attribute sk\.$/],
  ["an inherited name", "{}", named("constructor"), /must have the key attribute constructor/],
  ["no number", '{"pk":"a","sk":"x"}', keys, /^Attribute sk must be a number, got "x"\.$/],
  ["39 digits", `{"pk":"a","sk":${DIGITS}9}`, keys, /Attribute sk must be a number/],
  ["a number for text", '{"pk":7,"sk":3}', keys, /^Attribute pk must be text, got/],
  ["another type", '{"pk":{"N":"7"},"sk":3}', keys, /^Attribute pk must be text, got {"N":"7"}\.$/],
  ["null", '{"pk":null,"sk":3}', keys, /^Attribute pk must be text, got null\.$/],
  ["an empty key", '{"pk":"","sk":3}', keys, /^Attribute pk must have 1 to 2048 bytes, got 0\.$/],
  ["a long key", `{"pk":"${"é".repeat(1025)}","sk":3}`, keys, /1 to 2048 bytes, got 2050/],
  ["no base64", '{"id":"ü"}', binary, /^Attribute id must be base64, got "ü"\.$/],
])("%s is no key", (_, line, attributes, reason) => {
  expect(keyLine(line, attributes)).toEqual({ reason: expect.stringMatching(reason) });
});

test.each<[string, string, unknown]>([
  ["CSV", "x,3,a\r", { key }],
  ["CSV with quotes", '"x,y","3","a"', { key }],
  ["more fields than columns", "x,3,a,b,c", { key }],
  ["a field too few", "x,3", { reason: "The line must have the key attribute pk." }],
  ["a quote too few", 'x,3,"a', { reason: "The line must be CSV whose quotes end on the line." }],
  ["an empty number", "x,,a", { reason: 'Attribute sk must be a number, got "".' }],
])("%s", (_, line, expected) => {
  expect(keyLine(line, keys, ["other", "sk", "pk"])).toEqual(expected);
});
