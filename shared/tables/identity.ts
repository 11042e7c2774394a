/** Distinguishes a table, or an index, from another one of the same name that was made later. */
import {
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";

/** The identity of a job's table and index, so that another one of the same name is not mistaken for it. */
export interface TableIdentity {
  readonly arn?: string;
  /** The table's unique id, if DynamoDB reports one. */
  readonly id?: string;
  /** When the table was made, milliseconds since the epoch. */
  readonly createdAt?: number;
  /**
   * Key schema and projection of the index that is read, as JSON. DynamoDB gives an index neither id nor time of creation;
   * an index that is created again with the same definition has the same items in the same places.
   */
  readonly index?: string;
}

/** The table's identity now. @throws the SDK's error, such as ResourceNotFoundException. */
export async function identifyTable(
  { table, index }: { readonly table: string; readonly index?: string },
  client: DynamoDBClient,
): Promise<TableIdentity> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  return identityOf(Table ?? {}, index);
}

/** The identity that a table's description shows. Pure. */
export function identityOf(table: TableDescription, index: string | undefined): TableIdentity {
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

/**
 * Why a table, or an index, is not the one that the job began with; undefined if no difference shows. The table's id decides, or the
 * time of creation if one of them lacks the id.
 *
 * @param name the table's, for the sentence.
 */
export function identityProblem(before: TableIdentity, now: TableIdentity, name: string): string | undefined {
  if (isOther(before, now)) return `Table ${name} was deleted and recreated after the job began.`;
  if (before.index === undefined || before.index === now.index) return undefined;
  return now.index === undefined
    ? `The index of table ${name} that the job reads was dropped after the job began.`
    : `The index of table ${name} that the job reads was recreated with other keys or another projection.`;
}

function isOther(before: TableIdentity, now: TableIdentity): boolean {
  if (before.id !== undefined && now.id !== undefined) return before.id !== now.id;
  return before.createdAt !== undefined && now.createdAt !== undefined && before.createdAt !== now.createdAt;
}
