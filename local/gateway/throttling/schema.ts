/** The facts about a table that the capacity model needs. */
export interface TableSchema {
  /** Name of the partition key. */
  hashKey: string;
  /** Key attributes of each global secondary index, partition key first. */
  globalIndexes: Readonly<Record<string, readonly string[]>>;
}

interface Described {
  KeySchema: { AttributeName: string; KeyType: string }[];
  GlobalSecondaryIndexes?: (Pick<Described, "KeySchema"> & { IndexName: string })[];
}

/** Reads the `Table` of a DescribeTable answer. */
export function schemaOf(table: unknown): TableSchema {
  const { KeySchema, GlobalSecondaryIndexes = [] } = table as Described;
  return {
    hashKey: keys(KeySchema)[0] ?? "",
    globalIndexes: Object.fromEntries(GlobalSecondaryIndexes.map((index) => [index.IndexName, keys(index.KeySchema)])),
  };
}

function keys(schema: Described["KeySchema"]): string[] {
  const order = [...schema].sort((a, b) => a.KeyType.localeCompare(b.KeyType));
  return order.map(({ AttributeName }) => AttributeName);
}
