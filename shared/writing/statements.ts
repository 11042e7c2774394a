/**
 * Conditional writes as PartiQL statements with parameters:
 *
 * ```sql
 * UPDATE "orders" SET "GSISK"=? REMOVE "Old" WHERE "pk"=? AND "sk"=? AND "Status"=? AND "GSISK" IS MISSING
 * DELETE FROM "orders" WHERE "pk"=? AND "sk"=? AND "Status"=? RETURNING ALL OLD *
 * ```
 *
 * An UPDATE fails its condition where there is no item. A DELETE doesn't, even with conditions: it succeeds, and only the item
 * it returns shows that there was one.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.delete.html
 *
 * `=` compares values of all types as condition expressions do, NULL, documents and sets included. Tests compare both on
 * DynamoDB Local; https://github.com/paritysuite/dynamodb-conformance (tests/tier2/partiql) did on DynamoDB itself.
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Path } from "../aws/expressions/path";
import type { ConditionalWrite, Seen } from "./conditionalWrite";

export interface WriteStatement {
  readonly text: string;
  /** One for each question mark. */
  readonly parameters: readonly AttributeValue[];
  /** It succeeds where there is no item. */
  readonly deletes: boolean;
}

/**
 * Longest statement, characters; counted here as bytes, which are never fewer.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html
 */
const LONGEST = 8_192;

/** Such names are taken for placeholders, in quotes as well. */
const PLACEHOLDER = /^[#:]/;

/**
 * Undefined: no statement can express the write. That is every `put`, an update that changes nothing, a name that starts with
 * `#` or `:`, and whatever makes the statement too long.
 */
export function statementOf(table: string, { key, change, seen }: ConditionalWrite): WriteStatement | undefined {
  if (change.kind === "put") return undefined;
  const parameters: AttributeValue[] = [];
  const equal = (quoted: string, value: AttributeValue) => {
    parameters.push(value);
    return `${quoted}=?`;
  };
  let text = change.kind === "delete" ? `DELETE FROM ${quote(table)}` : `UPDATE ${quote(table)}`;
  const names: string[] = Object.keys(key);
  if (change.kind === "update") {
    const { set, remove } = change;
    names.push(...Object.keys(set), ...remove);
    if (names.length === Object.keys(key).length) return undefined;
    for (const name in set) text += ` SET ${equal(quote(name), set[name]!)}`;
    for (const name of remove) text += ` REMOVE ${quote(name)}`;
  }
  const keys = Object.keys(key).map((name) => equal(quote(name), key[name]!));
  text += ` WHERE ${[...keys, ...seen.map((each) => condition(each, equal))].join(" AND ")}`;
  if (change.kind === "delete") text += " RETURNING ALL OLD *";
  if (Buffer.byteLength(text) > LONGEST || !areSayable(names, seen)) return undefined;
  return { text, parameters, deletes: change.kind === "delete" };
}

function condition({ path, value }: Seen, equal: (quoted: string, value: AttributeValue) => string): string {
  const quoted = quotePath(path);
  return value === undefined ? `${quoted} IS MISSING` : equal(quoted, value);
}

function areSayable(names: readonly string[], seen: readonly Seen[]): boolean {
  const isSayable = (name: string | number) => typeof name === "number" || !PLACEHOLDER.test(name);
  return names.every(isSayable) && seen.every(({ path }) => path.every(isSayable));
}

/** `"a"."b"[0]`. A dot within quotes is part of the name. */
function quotePath([name, ...rest]: Path): string {
  return quote(name) + rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${quote(part)}`)).join("");
}

function quote(name: string): string {
  return name.includes('"') ? `"${name.replaceAll('"', '""')}"` : `"${name}"`;
}
