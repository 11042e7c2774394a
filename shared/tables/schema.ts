/** The keys of a table and of its indexes, on which conditional writes and their cost depend. */
import type { KeySchemaElement, TableDescription } from "@aws-sdk/client-dynamodb";

/** Type of a key attribute. */
export type KeyType = "S" | "N" | "B";

export interface IndexSchema {
  readonly name: string;
  readonly kind: "global" | "local";
  /** Names of its key attributes, the partition key first. */
  readonly keys: readonly string[];
  /** Attributes it holds besides the keys of table and index. */
  readonly projection: "ALL" | readonly string[];
}

export interface TableSchema {
  /** The table's name. */
  readonly name: string;
  /** Names of its key attributes, the partition key first. */
  readonly keys: readonly string[];
  /** Types of the key attributes of table and indexes, by name. */
  readonly keyTypes: Readonly<Record<string, KeyType>>;
  readonly indexes: readonly IndexSchema[];
}

/** Reads a table's description. Pure. */
export function schemaOf(table: TableDescription): TableSchema {
  const { TableName: name = "", KeySchema, AttributeDefinitions = [] } = table;
  const types = AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]);
  return {
    name,
    keys: keysOf(KeySchema),
    keyTypes: Object.fromEntries(types) as Record<string, KeyType>,
    indexes: [
      ...(table.GlobalSecondaryIndexes ?? []).map((index) => indexOf("global", index)),
      ...(table.LocalSecondaryIndexes ?? []).map((index) => indexOf("local", index)),
    ],
  };
}

type Index = Pick<
  NonNullable<TableDescription["LocalSecondaryIndexes"]>[number],
  "IndexName" | "KeySchema" | "Projection"
>;

function indexOf(kind: IndexSchema["kind"], { IndexName = "", KeySchema, Projection = {} }: Index): IndexSchema {
  const { ProjectionType, NonKeyAttributes = [] } = Projection;
  return {
    name: IndexName,
    kind,
    keys: keysOf(KeySchema),
    projection: ProjectionType === "ALL" ? "ALL" : NonKeyAttributes,
  };
}

function keysOf(schema: readonly KeySchemaElement[] = []): string[] {
  const names = (type: string) =>
    schema.flatMap(({ KeyType, AttributeName }) => (KeyType === type ? (AttributeName ?? []) : []));
  return [...names("HASH"), ...names("RANGE")];
}
