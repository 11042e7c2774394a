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
 * | `factor`, `factorAt` | N | throttle feedback: share of the limits in force, and since when (ms since the epoch) |
 *
 * Permissions: `dynamodb:UpdateItem` and `GetItem` for workers; `PutItem` besides for whoever opens the books.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { CapacityLimits } from "../metering/limits";
import type { LedgerChange, LedgerItem, LedgerStore } from "./ledgerItem";

type Attributes = Record<string, AttributeValue>;

export interface DynamoDbLedgerOptions {
  /** A client without capacity plug-in: the ledger's own traffic is not limited. */
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The full primary key of the ledger item. */
  readonly key: Attributes;
}

export class DynamoDbLedger implements LedgerStore {
  constructor(private readonly options: DynamoDbLedgerOptions) {}

  async create(item: LedgerItem): Promise<boolean> {
    const { client, table, key } = this.options;
    const Item = { ...key, ...toAttributes(item) };
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
      const command = new UpdateItemCommand({ TableName: table, Key: key, ...expressions(change), ...answer });
      const { Attributes } = await client.send(command);
      return { applied: true, item: fromAttributes(Attributes!) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { applied: false, item: error.Item && fromAttributes(error.Item) };
    }
  }
}

/** Condition, name and value of each requirement. */
const conditions = {
  untilFrom: (value: string) => `#until >= ${value}`,
  untilTo: (value: string) => `#until <= ${value}`,
  untilBefore: (value: string) => `#until < ${value}`,
  factorAtTo: (value: string) => `#factorAt <= ${value}`,
};

function expressions({ require = {}, set = {}, add = {} }: LedgerChange) {
  const names: Record<string, string> = { "#until": "until" };
  const values: Attributes = {};
  const all = ["attribute_exists(#until)"];
  const bind = (name: string, value: AttributeValue) => {
    values[`:${name}`] = value;
    return `:${name}`;
  };
  for (const [name, condition] of Object.entries(conditions)) {
    const limit = require[name as keyof typeof conditions];
    if (limit === undefined) continue;
    if (name === "factorAtTo") names["#factorAt"] = "factorAt";
    all.push(condition(bind(name, number(limit))));
  }
  if (require.unpaused) {
    names["#paused"] = "paused";
    all.push(`#paused = ${bind("unpaused", { BOOL: false })}`);
  }
  if (require.costKnown !== undefined) {
    names["#costCount"] = "costCount";
    all.push(`#costCount ${require.costKnown ? ">" : "="} ${bind("none", number(0))}`);
  }
  const sets = Object.entries(toAttributes(set)).map(([name, value]) => {
    names[`#${name}`] = name;
    return `#${name} = ${bind(name, value)}`;
  });
  const adds = Object.entries(add).map(([name, amount]) => {
    names[`#${name}`] = name;
    return `#${name} ${bind(`by_${name}`, number(amount))}`;
  });
  const parts = [sets.length > 0 ? `SET ${sets.join(", ")}` : "", adds.length > 0 ? `ADD ${adds.join(", ")}` : ""];
  return {
    ConditionExpression: all.join(" AND "),
    UpdateExpression: parts.filter((part) => part !== "").join(" "),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
}

/** To the microsecond: more digits than that are float noise. */
function number(value: number): AttributeValue.NMember {
  return { N: String(Math.round(value * 1000) / 1000) };
}

function toAttributes(item: Partial<LedgerItem>): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(item)) {
    if (name === "limits") attributes[name] = limitAttribute(value as CapacityLimits);
    else if (name === "factor") attributes[name] = { N: String(value) };
    else attributes[name] = typeof value === "boolean" ? { BOOL: value } : number(value as number);
  }
  return attributes;
}

function limitAttribute({ table, indexes = {} }: CapacityLimits): AttributeValue {
  const named = Object.entries(indexes).map(([name, limit]) => [name, { N: String(limit) }]);
  return { M: { table: { N: String(table) }, indexes: { M: Object.fromEntries(named) } } };
}

function fromAttributes(attributes: Attributes): LedgerItem {
  const amount = (name: string) => Number(attributes[name]?.N ?? 0);
  const limits = attributes.limits?.M ?? {};
  const indexes = Object.entries(limits.indexes?.M ?? {}).map(([name, limit]) => [name, Number(limit.N)]);
  return {
    until: amount("until"),
    reservations: amount("reservations"),
    workers: amount("workers"),
    costSum: amount("costSum"),
    costCount: amount("costCount"),
    limits: { table: Number(limits.table?.N), indexes: Object.fromEntries(indexes) },
    paused: attributes.paused?.BOOL === true,
    factor: amount("factor"),
    factorAt: amount("factorAt"),
  };
}
