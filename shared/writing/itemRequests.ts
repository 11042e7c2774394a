/** Conditional writes as requests of one item each. */
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Path } from "../aws/expressions/path";
import type { Item } from "../aws/itemSize";
import type { Change, ConditionalWrite, Seen } from "./conditionalWrite";

const ALL_OLD = { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;

/** Placeholders for all names and values, so that none can be misread. */
class Placeholders {
  private readonly names = new Map<string, string>();
  private readonly values: Record<string, AttributeValue> = {};
  private count = 0;

  name(name: string): string {
    const placeholder = this.names.get(name) ?? `#${this.names.size}`;
    this.names.set(name, placeholder);
    return placeholder;
  }

  path([name, ...rest]: Path): string {
    const parts = rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${this.name(part)}`));
    return this.name(name) + parts.join("");
  }

  value(value: AttributeValue): string {
    const placeholder = `:${this.count++}`;
    this.values[placeholder] = value;
    return placeholder;
  }

  get expressions() {
    const names = Object.fromEntries([...this.names].map(([name, placeholder]) => [placeholder, name]));
    return {
      ExpressionAttributeNames: names,
      ...(this.count === 0 ? {} : { ExpressionAttributeValues: this.values }),
    };
  }
}

type Send = (client: DynamoDBClient, options: { abortSignal?: AbortSignal }) => Promise<Item | undefined>;

/** The request of a write, as a function that sends it. It resolves with the item that was deleted, if one was. */
export function requestOf(table: string, write: ConditionalWrite): Send {
  const { key: Key, change, seen } = write;
  const placeholders = new Placeholders();
  const condition = change.kind === "put" ? absent(Key, placeholders) : unchanged(Key, seen, placeholders);
  const update = change.kind === "update" ? updateExpression(change, placeholders) : undefined;
  const common = { TableName: table, ConditionExpression: condition, ...placeholders.expressions, ...ALL_OLD };
  switch (change.kind) {
    case "put":
      return async (client, options) => {
        await client.send(new PutItemCommand({ ...common, Item: change.item }), options);
        return undefined;
      };
    case "delete":
      return async (client, options) =>
        (await client.send(new DeleteItemCommand({ ...common, Key, ReturnValues: "ALL_OLD" }), options)).Attributes;
    case "update":
      return async (client, options) => {
        await client.send(new UpdateItemCommand({ ...common, Key, ...update }), options);
        return undefined;
      };
  }
}

function absent(key: ConditionalWrite["key"], placeholders: Placeholders): string {
  return `attribute_not_exists(${placeholders.name(Object.keys(key)[0]!)})`;
}

function unchanged(key: ConditionalWrite["key"], seen: readonly Seen[], placeholders: Placeholders): string {
  const same = seen.map(({ path, value }) => {
    const place = placeholders.path(path);
    return value === undefined ? `attribute_not_exists(${place})` : `${place} = ${placeholders.value(value)}`;
  });
  return [`attribute_exists(${placeholders.name(Object.keys(key)[0]!)})`, ...same].join(" AND ");
}

function updateExpression({ set, remove }: Extract<Change, { kind: "update" }>, placeholders: Placeholders) {
  const sets = Object.entries(set).map(([name, value]) => `${placeholders.name(name)} = ${placeholders.value(value)}`);
  const removes = remove.map((name) => placeholders.name(name));
  const clauses = [
    ...(sets.length === 0 ? [] : [`SET ${sets.join(", ")}`]),
    ...(removes.length === 0 ? [] : [`REMOVE ${removes.join(", ")}`]),
  ];
  return clauses.length === 0 ? {} : { UpdateExpression: clauses.join(" ") };
}
