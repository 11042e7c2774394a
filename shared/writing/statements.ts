/**
 * Conditional writes as PartiQL statements with parameters:
 *
 * ```sql
 * UPDATE "orders" SET "GSISK"=? REMOVE "Old" WHERE "pk"=? AND "sk"=? AND "Status"=? AND "GSISK" IS MISSING
 * DELETE FROM "orders" WHERE "pk"=? AND "sk"=? AND "Status"=? RETURNING ALL OLD *
 * ```
 *
 * An UPDATE fails its condition if there is no item. A DELETE doesn't, even with conditions: it succeeds, and only the item
 * that it returns shows that there was one.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.delete.html
 *
 * `=` compares values of all types as condition expressions do, NULL, documents and sets included. Tests compare both on
 * DynamoDB Local; https://github.com/paritysuite/dynamodb-conformance (tests/tier2/partiql) did on DynamoDB itself.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Path } from "../aws/expressions/path";
import type { Item } from "../aws/itemSize";
import type { Change, ConditionalWrite, Seen } from "./conditionalWrite";

export interface WriteStatement {
  readonly text: string;
  /** One for each question mark. */
  readonly parameters: readonly AttributeValue[];
  /** True if it succeeds although there is no item. */
  readonly deletes: boolean;
}

/**
 * Longest statement, characters; counted here as bytes, which are never fewer.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html
 */
const LONGEST = 8_192;

/** DynamoDB takes such names for placeholders, even in quotes. */
const PLACEHOLDER = /^[#:]/;

/** What a statement's text depends on. */
interface Shape {
  readonly table: string;
  readonly kind: Change["kind"];
  /** Names of the key's attributes, and of those that are set, in the order of the question marks. */
  readonly keys: readonly string[];
  readonly set: readonly string[];
  readonly remove: readonly string[];
  readonly seen: readonly Seen[];
  /** Undefined: no statement can express such writes. */
  readonly text: string | undefined;
}

/** The writes of a page usually have one shape, and the same text costs less CPU in everything that follows. */
let latest: Shape | undefined;

/**
 * Undefined: no statement can express the write. That is every `put`, an update that changes nothing, a name that starts with
 * `#` or `:`, and a write whose statement would be too long.
 */
export function statementOf(table: string, write: ConditionalWrite): WriteStatement | undefined {
  if (latest === undefined || latest.table !== table || !isOfShape(write, latest)) latest = shapeOf(table, write);
  const { text } = latest;
  return text === undefined
    ? undefined
    : { text, parameters: parametersOf(write), deletes: write.change.kind === "delete" };
}

function shapeOf(table: string, write: ConditionalWrite): Shape {
  const { key, change, seen } = write;
  const { set, remove } = change.kind === "update" ? change : { set: {}, remove: [] };
  const names = { keys: Object.keys(key), set: Object.keys(set), remove };
  return { table, kind: change.kind, ...names, seen, text: textOf(table, write) };
}

/** Whether the write differs from those of the shape by nothing but values. */
function isOfShape({ key, change, seen }: ConditionalWrite, shape: Shape): boolean {
  if (change.kind !== shape.kind || !hasNames(key, shape.keys) || !areAlike(seen, shape.seen)) return false;
  return change.kind !== "update" || (hasNames(change.set, shape.set) && haveSameElements(change.remove, shape.remove));
}

/** In this order. Each write is compared; an array of its names would cost as much as the comparison. */
function hasNames(item: Item, names: readonly string[]): boolean {
  let count = 0;
  for (const name in item) if (names[count++] !== name) return false;
  return count === names.length;
}

function areAlike(a: readonly Seen[], b: readonly Seen[]): boolean {
  return a.length === b.length && a.every((each, i) => isSeenAlike(each, b[i]!));
}

function isSeenAlike(a: Seen, b: Seen): boolean {
  return (a.value === undefined) === (b.value === undefined) && (a.path === b.path || haveSameElements(a.path, b.path));
}

function haveSameElements<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

function textOf(table: string, { key, change, seen }: ConditionalWrite): string | undefined {
  if (change.kind === "put" || (change.kind === "update" && isEmpty(change))) return undefined;
  const changed = change.kind === "update" ? changedNames(change) : [];
  const text =
    change.kind === "delete"
      ? `DELETE FROM ${quote(table)}${where(key, seen)} RETURNING ALL OLD *`
      : `UPDATE ${quote(table)}${changes(change)}${where(key, seen)}`;
  const isSaid = Buffer.byteLength(text) <= LONGEST && areSayable([...Object.keys(key), ...changed], seen);
  return isSaid ? text : undefined;
}

/** In the order of the question marks. */
function parametersOf({ key, change, seen }: ConditionalWrite): AttributeValue[] {
  const parameters: AttributeValue[] = [];
  if (change.kind === "update") for (const name in change.set) parameters.push(change.set[name]!);
  for (const name in key) parameters.push(key[name]!);
  for (const { value } of seen) if (value !== undefined) parameters.push(value);
  return parameters;
}

type Update = Extract<Change, { kind: "update" }>;

function isEmpty({ set, remove }: Update): boolean {
  return remove.length === 0 && Object.keys(set).length === 0;
}

function changedNames({ set, remove }: Update): string[] {
  return [...Object.keys(set), ...remove];
}

function changes({ set, remove }: Update): string {
  const sets = Object.keys(set).map((name) => ` SET ${quote(name)}=?`);
  return [...sets, ...remove.map((name) => ` REMOVE ${quote(name)}`)].join("");
}

function where(key: Item, seen: readonly Seen[]): string {
  const keys = Object.keys(key).map((name) => `${quote(name)}=?`);
  const unchanged = seen.map(({ path, value }) => `${quotePath(path)}${value === undefined ? " IS MISSING" : "=?"}`);
  return ` WHERE ${[...keys, ...unchanged].join(" AND ")}`;
}

function areSayable(names: readonly string[], seen: readonly Seen[]): boolean {
  return names.every(isSayable) && seen.every(({ path }) => path.every(isSayable));
}

function isSayable(name: string | number): boolean {
  return typeof name === "number" || !PLACEHOLDER.test(name);
}

/** `"a"."b"[0]`. A dot within quotes is part of the name. */
function quotePath([name, ...rest]: Path): string {
  if (rest.length === 0) return quote(name);
  return quote(name) + rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${quote(part)}`)).join("");
}

function quote(name: string): string {
  return name.includes('"') ? `"${name.replaceAll('"', '""')}"` : `"${name}"`;
}
