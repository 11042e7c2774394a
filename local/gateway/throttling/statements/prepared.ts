/** Statements as pieces of a request: what each touches, and its item. */
import type { TableSchema } from "../../../../shared/tables/schema";
import type { ParsedStatement, StatementRequest } from "../../partiql/statement";
import type { WireItem } from "../../wire";
import type { Entry, Piece, PieceKind } from "../pieces";
import { type ItemKey, keyIn } from "./items";

/** A parsed statement on an existing table. */
export interface Prepared {
  readonly request: StatementRequest;
  readonly parsed: ParsedStatement;
  readonly schema: TableSchema;
  readonly piece: Piece;
  /** Its single item; undefined for a SELECT of a page. */
  readonly item: ItemKey | undefined;
}

const KINDS: Readonly<Record<Exclude<ParsedStatement["verb"], "select">, PieceKind>> = {
  insert: "put",
  update: "update",
  delete: "delete",
  exists: "check",
};

/** @param times 2 in a transaction. */
export function prepared(
  request: StatementRequest,
  parsed: ParsedStatement,
  schema: TableSchema,
  times: 1 | 2,
): Prepared {
  const { verb, direction, table, index, equal } = parsed;
  const item = index === undefined ? keyIn(verb === "insert" ? parsed.item : equal, schema) : undefined;
  const piece = (kind: PieceKind, entry: Entry): Piece => ({ table, direction, kind, entry, times });
  const of = (made: Piece): Prepared => ({ request, parsed, schema, piece: made, item });
  if (verb === "insert") return of(piece("put", { Item: parsed.item }));
  if (verb !== "select") return of(piece(KINDS[verb], { Key: equal }));
  const { ConsistentRead = false } = request;
  if (item) return of(piece("get", { Key: item.key, ConsistentRead }));
  const page: Entry = { ConsistentRead, ...(index === undefined ? {} : { IndexName: index }) };
  return of(
    hashKeyOf(parsed, schema) in equal
      ? piece("query", { ...page, KeyConditions: conditions(equal) })
      : piece("scan", page),
  );
}

function hashKeyOf({ index }: ParsedStatement, { keys, indexes }: TableSchema): string {
  return (indexes.find(({ name }) => name === index)?.keys ?? keys)[0] ?? "";
}

function conditions(equal: WireItem): NonNullable<Entry["KeyConditions"]> {
  return Object.fromEntries(Object.entries(equal).map(([name, value]) => [name, { AttributeValueList: [value] }]));
}
