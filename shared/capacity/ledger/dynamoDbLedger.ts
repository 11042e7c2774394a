/**
 * The ledger item in a DynamoDB table. Any table will do; the item's key is given in full.
 *
 * | attribute | type | meaning |
 * | --- | --- | --- |
 * | (key attributes) | | as given |
 * | `until` | N | capacity is promised up to here, ms since the epoch, fractions to the microsecond |
 * | `reservations` | N | granted so far |
 * | `workers` | N | opened and not closed |
 * | `costSum`, `costCount` | N | what all requests cost, in ms of account time, and their number |
 * | `limits` | M | `table` N, `indexes` M of N: units per second |
 * | `paused` | BOOL | nothing is granted while true |
 * | `pausedMembers` | SS | absent, or the members of a shared ledger that are granted nothing |
 * | `factor`, `factorAt` | N | throttle feedback: share of the limits in force, and since when (ms since the epoch) |
 *
 * Permissions: `dynamodb:UpdateItem` and `GetItem` for workers; to create the item, also `PutItem`.
 */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { updateOf } from "../../aws/update";
import { type Attributes, fromAttributes, toAttributes, updateParts } from "./ledgerAttributes";
import type { LedgerChange, LedgerItem, LedgerStore } from "./ledgerItem";

export interface DynamoDbLedgerOptions {
  /** A client without capacity plug-in: the ledger's own traffic is not limited. */
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The full primary key of the ledger item. */
  readonly key: Attributes;
  /** Further attributes of a new item, such as its expiry; nothing here reads them. Default: none. */
  readonly extra?: Attributes;
}

export class DynamoDbLedger implements LedgerStore {
  constructor(private readonly options: DynamoDbLedgerOptions) {}

  async create(item: LedgerItem): Promise<boolean> {
    const { client, table, key, extra } = this.options;
    const Item = { ...extra, ...key, ...toAttributes(item) };
    const names = { "#until": "until" };
    try {
      const condition = { ConditionExpression: "attribute_not_exists(#until)", ExpressionAttributeNames: names };
      await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async read(): Promise<LedgerItem | undefined> {
    const { client, table, key } = this.options;
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }));
    return Item && fromAttributes(Item);
  }

  async update(change: LedgerChange): Promise<{ applied: boolean; item: LedgerItem | undefined }> {
    const { client, table, key } = this.options;
    try {
      const answer = { ReturnValues: "ALL_NEW", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
      const expressions = updateOf(updateParts(change));
      const command = new UpdateItemCommand({ TableName: table, Key: key, ...expressions, ...answer });
      const { Attributes } = await client.send(command);
      return { applied: true, item: fromAttributes(Attributes!) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { applied: false, item: error.Item && fromAttributes(error.Item) };
    }
  }
}
