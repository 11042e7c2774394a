/** Shared parts of the writers' tests: a table on DynamoDB Local, and both writers of it. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createTable, stringKeys } from "../../../local/fillTable";
import type { Item } from "../../../shared/aws/itemSize";
import { ItemWriter } from "../../../shared/writing/itemWriter";
import type { WriterOptions } from "../../../shared/writing/statementSender";
import { writerOf } from "../../../shared/writing/writerOf";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../support/dynamoDbLocal";

export const TABLE = "some.table-1";

export const once: WriterOptions["retry"] = (call) => call();

export const optionsFor = (client: DynamoDBClient): WriterOptions => {
  return { client, retry: once, limits: () => undefined };
};

/** The writer as it is, and the writer that usually gets only the rest. */
export const bothWriters = (client: DynamoDBClient) => {
  return { statements: writerOf(TABLE, optionsFor(client)), items: new ItemWriter(TABLE, optionsFor(client)) };
};

/** DynamoDB Local with the table, whose key attributes have odd names. */
export async function startGround(): Promise<DynamoDbLocal> {
  const local = await startDynamoDbLocal();
  await createTable(local.client, TABLE, stringKeys('p."k', "select"));
  return local;
}

export const keyOf = (id: string): Item => ({ 'p."k': { S: id }, select: { S: "sort" } });

export async function put(client: DynamoDBClient, item: Item): Promise<void> {
  await client.send(new PutItemCommand({ TableName: TABLE, Item: item }));
}

export async function get(client: DynamoDBClient, id: string): Promise<Item | undefined> {
  return (await client.send(new GetItemCommand({ TableName: TABLE, Key: keyOf(id) }))).Item;
}
