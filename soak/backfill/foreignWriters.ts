/**
 * Concurrent writers, which change the table and its copy while jobs work on them, and record everything that they find
 * and do.
 */

import { setTimeout as sleep } from "node:timers/promises";
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../shared/aws/itemSize";
import type { Consumed } from "../shares";
import type { ForeignWrite, State } from "./history";
import { flawOf, idOf, soundItem, statusOf } from "./items";
import { COPY, TABLE } from "./jobs";

export interface ForeignWritersOptions {
  readonly client: DynamoDBClient;
  /** Items that the table had at first. */
  readonly items: number;
  readonly random: () => number;
  /** Writes per second. */
  readonly perSecond: number;
}

/** The writes to a table, by id. */
export type Records = ReadonlyMap<string, readonly ForeignWrite[]>;

/** Capacity that a write consumed. */
export interface Spent extends Consumed {
  readonly table: string;
}

/** Most writes under way at once, and never two of one item. */
const LANES = 8;

export class ForeignWriters {
  readonly table = new Map<string, ForeignWrite[]>();
  readonly copy = new Map<string, ForeignWrite[]>();
  /** The consumption of the writes. */
  readonly spent: Spent[] = [];
  /** Ids of items that were made since. */
  readonly made: string[] = [];
  readonly #deleted: string[] = [];
  readonly #busy = new Set<string>();
  #running: Promise<unknown> | undefined;
  #stopped = false;

  constructor(private readonly options: ForeignWritersOptions) {}

  start(): void {
    this.#running ??= Promise.all(Array.from({ length: LANES }, () => this.#lane()));
  }

  /** Resolves once nothing is under way. @throws the error of a write. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #lane(): Promise<void> {
    const { perSecond, random } = this.options;
    while (!this.#stopped) {
      await this.#one();
      await sleep((2 * random() * 1_000 * LANES) / perSecond);
    }
  }

  async #one(): Promise<void> {
    const act = this.#below(100);
    if (act < 4) return this.#make(`new-${this.made.length}`);
    if (act < 7 && this.#deleted.length > 0) return this.#make(this.#deleted[this.#below(this.#deleted.length)]!);
    const n = this.#below(this.options.items + this.made.length);
    const isFirst = n < this.options.items;
    const id = isFirst ? idOf(n) : this.made[n - this.options.items]!;
    const flaw = isFirst ? flawOf(n) : undefined;
    if (flaw === "large") return undefined;
    if (flaw !== undefined) return this.#alone(id, () => this.#set(TABLE, id, "Note", this.#text("note")));
    if (act < 15) return this.#alone(id, () => this.#delete(id));
    if (act < 22) return this.#alone(id, () => this.#putCopy(id));
    if (act < 27) return this.#alone(id, () => this.#set(COPY, id, "Note", this.#text("note")));
    const [name, value] = this.#change();
    return this.#alone(id, () => this.#set(TABLE, id, name, value));
  }

  /** Attributes that jobs read, that they set, and that don't concern them. */
  #change(): [name: string, value: AttributeValue] {
    const changes: [string, AttributeValue][] = [
      ["Status", { S: statusOf(this.options.random) }],
      ["Timestamp", { N: String(this.#below(1_000_000)) }],
      ["Owner", this.#text("owner")],
      ["Hits", { N: String(this.#below(10)) }],
      ["Old", { S: this.#below(4) === 0 ? "yes" : "no" }],
      ["GSISK", this.#text(this.#below(3) === 0 ? "old#" : "own#")],
      ["Label", this.#text("own")],
      ["Legacy", this.#text("again")],
      ["Note", this.#text("note")],
    ];
    return changes[this.#below(changes.length)]!;
  }

  async #alone(id: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(id)) return;
    this.#busy.add(id);
    try {
      await work();
    } finally {
      this.#busy.delete(id);
    }
  }

  /** Sets an attribute of an existing item. If the item is missing, that is recorded too. */
  async #set(table: string, id: string, name: string, value: AttributeValue): Promise<void> {
    const at = Date.now();
    try {
      const { Attributes: before, ConsumedCapacity } = await this.options.client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: id } },
          UpdateExpression: "SET #name = :value",
          ConditionExpression: "attribute_exists(id)",
          ExpressionAttributeNames: { "#name": name },
          ExpressionAttributeValues: { ":value": value },
          ReturnValues: "ALL_OLD",
          ReturnConsumedCapacity: "INDEXES",
        }),
      );
      this.#record(table, id, before, { ...before, [name]: value });
      this.#spend(table, at, ConsumedCapacity?.Table?.CapacityUnits);
    } catch (error) {
      this.#met(table, id, at, error);
    }
  }

  async #delete(id: string): Promise<void> {
    const at = Date.now();
    const { Attributes: before, ConsumedCapacity } = await this.options.client.send(
      new DeleteItemCommand({
        TableName: TABLE,
        Key: { id: { S: id } },
        ReturnValues: "ALL_OLD",
        ReturnConsumedCapacity: "INDEXES",
      }),
    );
    this.#record(TABLE, id, before, undefined);
    this.#spend(TABLE, at, ConsumedCapacity?.Table?.CapacityUnits);
    this.#deleted.push(id);
  }

  /** Makes an item if it doesn't exist. */
  async #make(id: string): Promise<void> {
    if (!id.startsWith("item-") && !this.made.includes(id)) this.made.push(id);
    await this.#alone(id, () => this.#putIfAbsent(TABLE, soundItem(id, this.options.random)));
  }

  async #putCopy(id: string): Promise<void> {
    await this.#putIfAbsent(COPY, { id: { S: id }, Origin: this.#text("foreign") });
  }

  async #putIfAbsent(table: string, item: Item): Promise<void> {
    const at = Date.now();
    const id = item.id!.S!;
    try {
      const { ConsumedCapacity } = await this.options.client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: "attribute_not_exists(id)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          ReturnConsumedCapacity: "INDEXES",
        }),
      );
      this.#record(table, id, undefined, item);
      this.#spend(table, at, ConsumedCapacity?.Table?.CapacityUnits);
    } catch (error) {
      this.#met(table, id, at, error);
    }
  }

  /** A condition that failed shows the item as it is. @throws any other error. */
  #met(table: string, id: string, at: number, error: unknown): void {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    this.#record(table, id, error.Item, error.Item);
    this.#spend(table, at, 1);
  }

  #record(table: string, id: string, before: State, after: State): void {
    const records = table === TABLE ? this.table : this.copy;
    const known = records.get(id);
    if (known === undefined) records.set(id, [{ before, after }]);
    else known.push({ before, after });
  }

  #spend(table: string, at: number, wcu = 0): void {
    this.spent.push({ table, at, units: wcu });
  }

  #below(bound: number): number {
    return Math.floor(this.options.random() * bound);
  }

  #text(prefix: string): AttributeValue {
    return { S: `${prefix}${this.#below(1_000_000)}` };
  }
}
