import type { Value, WireItem } from "../wire";
import type { Direction } from "./resourceCapacity";

/** The effect of a piece of a request on one item or one page. */
export type PieceKind = "get" | "query" | "scan" | "put" | "update" | "delete" | "check";

/** The fields of requests, and of the parts of batches and transactions, that name what they touch. */
export interface Entry {
  TableName?: string;
  Key?: WireItem;
  Item?: WireItem;
  ConsistentRead?: boolean;
  IndexName?: string;
  KeyConditionExpression?: string;
  KeyConditions?: Record<string, { AttributeValueList?: Value[] }>;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, Value>;
  Segment?: number;
  TotalSegments?: number;
  ExclusiveStartKey?: WireItem;
  ConditionExpression?: string;
  Expected?: unknown;
  ReturnValuesOnConditionCheckFailure?: string;
}

/** The smallest part of a request that DynamoDB admits or throttles by itself. */
export interface Piece {
  /** Name of the table. */
  table: string;
  direction: Direction;
  kind: PieceKind;
  entry: Entry;
  /**
   * Transactions read and write everything twice: to prepare and to commit (developer guide, transaction-apis). Indexes
   * are written once.
   */
  times: 1 | 2;
}

/** The form of the answer to a request of which only a part was admitted. */
export type Form = "single" | "batch" | "transaction";

export interface Understood {
  form: Form;
  pieces: Piece[];
}

const SINGLE: Record<string, [Direction, PieceKind]> = {
  GetItem: ["read", "get"],
  Query: ["read", "query"],
  Scan: ["read", "scan"],
  PutItem: ["write", "put"],
  UpdateItem: ["write", "update"],
  DeleteItem: ["write", "delete"],
};

type Input = Readonly<Record<string, unknown>>;
type Several = [Form, (input: Input) => Piece[]];

const SEVERAL: Record<string, Several> = {
  BatchGetItem: ["batch", (input) => requestItems<{ Keys: WireItem[]; ConsistentRead?: boolean }>(input).flatMap(gets)],
  BatchWriteItem: ["batch", (input) => requestItems<BatchWrite[]>(input).flatMap(batchWrites)],
  TransactGetItems: ["transaction", (input) => transactItems(input).map((item) => transacted("read", item))],
  TransactWriteItems: ["transaction", (input) => transactItems(input).map((item) => transacted("write", item))],
};

/** The pieces of a request in its own order; undefined for actions that consume no capacity, and for PartiQL (statements/). */
export function piecesOf(action: string, input: Input): Understood | undefined {
  const single = SINGLE[action];
  if (single) {
    const [direction, kind] = single;
    return { form: "single", pieces: [piece(direction, kind, input as Entry, 1)] };
  }
  const several = SEVERAL[action];
  return several && { form: several[0], pieces: several[1](input) };
}

/** A table may be named by its ARN. */
export function tableName(nameOrArn: unknown): string {
  return String(nameOrArn).split("table/").at(-1) ?? "";
}

function piece(direction: Direction, kind: PieceKind, entry: Entry, times: 1 | 2, table = entry.TableName): Piece {
  return { table: tableName(table), direction, kind, entry, times };
}

type BatchWrite = { PutRequest?: { Item: WireItem }; DeleteRequest?: { Key: WireItem } };

function requestItems<T>({ RequestItems }: Input): [string, T][] {
  return Object.entries((RequestItems ?? {}) as Record<string, T>);
}

function gets([table, { Keys = [], ConsistentRead = false }]: [
  string,
  { Keys: WireItem[]; ConsistentRead?: boolean },
]) {
  return Keys.map((Key) => piece("read", "get", { Key, ConsistentRead }, 1, table));
}

function batchWrites([table, writes]: [string, BatchWrite[]]): Piece[] {
  return writes.map(({ PutRequest, DeleteRequest }) =>
    PutRequest
      ? piece("write", "put", PutRequest, 1, table)
      : piece("write", "delete", DeleteRequest as Entry, 1, table),
  );
}

type TransactItem = Record<string, Entry>;

function transactItems({ TransactItems }: Input): TransactItem[] {
  return (TransactItems ?? []) as TransactItem[];
}

const TRANSACTED: Record<string, PieceKind> = {
  Get: "get",
  Put: "put",
  Update: "update",
  Delete: "delete",
  ConditionCheck: "check",
};

function transacted(direction: Direction, item: TransactItem): Piece {
  const [name, entry] = Object.entries(item)[0] ?? ["", {}];
  return piece(direction, TRANSACTED[name] ?? "check", entry, 2);
}
