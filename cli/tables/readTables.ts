/** The tables that a stack's jobs may work on, as DynamoDB describes them. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import pLimit from "p-limit";
import { type Capacity, describeTable, type Place } from "../../shared/tables/facts";

/** Tables by what jobs may do with them. */
export interface PermittedTables {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/** The facts about a table or an index. */
export interface ListedPlace {
  /** As DynamoDB counted it last, at most about six hours ago. */
  readonly items: number;
  readonly bytes: number;
  readonly capacityMode: "provisioned" | "on demand";
  readonly readCapacity: Capacity;
  readonly writeCapacity: Capacity;
}

export interface ListedTable extends Partial<ListedPlace> {
  readonly table: string;
  readonly read: boolean;
  readonly write: boolean;
  /** DynamoDB's status; or `MISSING`; or `DENIED` if the caller may not describe it. */
  readonly status: string;
  readonly indexes: readonly (ListedPlace & { readonly index: string; readonly kind: "global" | "local" })[];
}

const AT_ONCE = 10;

/** In the order of their names. */
export async function readTables(dynamodb: DynamoDBClient, { read, write }: PermittedTables): Promise<ListedTable[]> {
  const limit = pLimit(AT_ONCE);
  const names = [...new Set([...read, ...write])].sort();
  return Promise.all(
    names.map((table) =>
      limit(async (): Promise<ListedTable> => {
        const access = { table, read: read.includes(table), write: write.includes(table) };
        const found = await describeTable(dynamodb, table);
        if (typeof found === "string") return { ...access, status: found.toUpperCase(), indexes: [] };
        const indexes = Object.entries(found.indexes).map(([index, facts]) => {
          return { index, kind: facts.kind, ...placeOf(facts) };
        });
        return { ...access, status: found.status, ...placeOf(found), indexes };
      }),
    ),
  );
}

function placeOf({ items, bytes, read, write }: Place): ListedPlace {
  const capacityMode = read.from === "provisioned" ? "provisioned" : "on demand";
  return { items, bytes, capacityMode, readCapacity: read, writeCapacity: write };
}
