/** Distinguishes a table, or an index, from another one of the same name that was made later. */
import {
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import type { SourceIdentity } from "./source";

/** Who the table is now. @throws the SDK's error, ResourceNotFoundException where there is no such table. */
export async function identifyTable(
  { table, index }: { readonly table: string; readonly index?: string },
  client: DynamoDBClient,
): Promise<SourceIdentity> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  return identityOf(Table ?? {}, index);
}

/** The identity that a table's description shows. Pure. */
export function identityOf(table: TableDescription, index: string | undefined): SourceIdentity {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  const found = indexes.find(({ IndexName }) => IndexName === index);
  return {
    ...(table.TableArn === undefined ? {} : { arn: table.TableArn }),
    ...(table.TableId === undefined ? {} : { id: table.TableId }),
    ...(table.CreationDateTime === undefined ? {} : { createdAt: table.CreationDateTime.getTime() }),
    ...(found === undefined ? {} : { index: definitionOf(found) }),
  };
}

type Index = Pick<GlobalSecondaryIndexDescription, "KeySchema" | "Projection">;

/** Keys and projection of an index as text; the same for the same definition. */
function definitionOf({ KeySchema = [], Projection = {} }: Index): string {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => [KeyType, AttributeName]);
  const { ProjectionType, NonKeyAttributes = [] } = Projection;
  return JSON.stringify({ keys, projection: ProjectionType, attributes: [...NonKeyAttributes].sort() });
}
