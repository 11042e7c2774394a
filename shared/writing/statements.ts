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

/**
 * Undefined: no statement can express the write. That is every `put`, an update that changes nothing, a name that starts with
 * `#` or `:`, and a write whose statement would be too long.
 */
export function statementOf(table: string, { key, change, seen }: ConditionalWrite): WriteStatement | undefined {
  if (change.kind === "put" || (change.kind === "update" && isEmpty(change))) return undefined;
  const parameters: AttributeValue[] = [];
  const changed = change.kind === "update" ? changedNames(change) : [];
  const text =
    change.kind === "delete"
      ? `DELETE FROM ${quote(table)}${where(key, seen, parameters)} RETURNING ALL OLD *`
      : `UPDATE ${quote(table)}${changes(change, parameters)}${where(key, seen, parameters)}`;
  const isSaid = Buffer.byteLength(text) <= LONGEST && areSayable([...Object.keys(key), ...changed], seen);
  return isSaid ? { text, parameters, deletes: change.kind === "delete" } : undefined;
}

type Update = Extract<Change, { kind: "update" }>;

function isEmpty({ set, remove }: Update): boolean {
  return remove.length === 0 && Object.keys(set).length === 0;
}

function changedNames({ set, remove }: Update): string[] {
  return [...Object.keys(set), ...remove];
}

function changes({ set, remove }: Update, parameters: AttributeValue[]): string {
  let text = "";
  for (const name in set) {
    parameters.push(set[name]!);
    text += ` SET ${quote(name)}=?`;
  }
  for (const name of remove) text += ` REMOVE ${quote(name)}`;
  return text;
}

function where(key: Item, seen: readonly Seen[], parameters: AttributeValue[]): string {
  let text = "";
  for (const name in key) {
    parameters.push(key[name]!);
    text += `${text === "" ? " WHERE " : " AND "}${quote(name)}=?`;
  }
  for (const { path, value } of seen) {
    if (value !== undefined) parameters.push(value);
    text += ` AND ${quotePath(path)}${value === undefined ? " IS MISSING" : "=?"}`;
  }
  return text;
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
