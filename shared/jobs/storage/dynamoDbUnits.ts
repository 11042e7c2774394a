/** Checkpoints in the jobs table. */
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Item } from "../../aws/itemSize";
import { type UpdateParts, updateOf } from "../../aws/update";
import type { Checkpoint, GiveUp, HandOn, Lease, TakeRequest, UnitStore } from "../stores";
import { noCounts, type Unit } from "../unit";
import { fromAttributes, jobKey, jsonAttribute, unitKey } from "./jobsTable";

export interface JobsTableOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Makes a call until it succeeds, fails for good, or time is over. */
  readonly retry: <T>(call: () => Promise<T>) => Promise<T>;
}

/** As `mayTake` in stores.ts, for an item that may not be there yet. */
const MAY_TAKE = [
  "attribute_not_exists(#pk)",
  "(#state = :failed AND #turn < :turn)",
  "(#state = :active AND #turn <= :turn AND (attribute_not_exists(#owner) OR #owner = :owner OR #leaseUntil < :now))",
].join(" OR ");

/** Attributes of a unit without trouble. */
const noTrouble = { reason: undefined, retryAt: undefined, retryingSince: undefined };

const HOLDS = "#state = :active AND #owner = :owner AND #turn = :turn";

export class DynamoDbUnits implements UnitStore {
  constructor(private readonly options: JobsTableOptions) {}

  async take({ job, unit, owner, turn, now, until, expiresAt }: TakeRequest): Promise<{ taken: boolean; unit: Unit }> {
    const { applied, item } = await this.update(
      { job, unit },
      {
        condition: MAY_TAKE,
        values: { failed: "failed", active: "active", turn, owner, now },
        set: { number: unit, state: "active", turn, owner, leaseUntil: until, retryingSince: undefined, expiresAt },
        add: { attempts: 1 },
      },
    );
    const found = unitOf(item);
    const untouched = applied && found.updatedAt === 0;
    if (!untouched || (await this.isKept(job))) return { taken: applied, unit: found };
    const expired = { condition: HOLDS, values: holder({ owner, turn }), set: { expiresAt: Math.floor(now / 1000) } };
    await this.update({ job, unit }, expired);
    return { taken: false, unit: found };
  }

  /**
   * Whether the job of a record that may have been made just now is still there. The worker read the job before, and somebody
   * may have deleted it since; then the record is left to expire at once. Whoever deletes a job marks it first and removes
   * its units after that, so one of the two sees what the other has done.
   */
  private async isKept(job: string): Promise<boolean> {
    const { client, table: TableName, retry } = this.options;
    const projection = { ProjectionExpression: "#deleting, pk", ExpressionAttributeNames: { "#deleting": "deleting" } };
    const head = { TableName, Key: jobKey(job), ConsistentRead: true, ...projection };
    const { Item } = await retry(() => client.send(new GetItemCommand(head)));
    return Item !== undefined && Item.deleting === undefined;
  }

  async save(lease: Lease, { cursor, counts, result, rcuPerSecond }: Checkpoint, now: number): Promise<boolean> {
    const progress = { cursor: jsonAttribute(cursor), counts, result: jsonAttribute(result), rcuPerSecond };
    const set = { ...progress, ...noTrouble, attempts: 0, updatedAt: now };
    return (await this.update(lease, { condition: HOLDS, values: holder(lease), set })).applied;
  }

  async note(lease: Lease, { reason, since }: { reason: string; since: number }): Promise<boolean> {
    const set = { reason, retryingSince: since };
    return (await this.update(lease, { condition: HOLDS, values: holder(lease), set })).applied;
  }

  async release(lease: Lease, { now, turn, attempts, failure }: HandOn): Promise<boolean> {
    const trouble = { ...noTrouble, ...failure };
    const set = { owner: undefined, leaseUntil: undefined, turn, attempts, ...trouble, updatedAt: now };
    return (await this.update(lease, { condition: HOLDS, values: holder(lease), set })).applied;
  }

  async finish(lease: Lease, { counts, result }: Checkpoint, now: number): Promise<boolean> {
    const final = { cursor: undefined, counts, result: jsonAttribute(result), rcuPerSecond: 0 };
    const set = { state: "done", ...final, ...noTrouble, attempts: 0, updatedAt: now };
    return this.end(lease, set, { condition: "attribute_exists(#pk)", add: { unitsDone: 1 } });
  }

  async fail(lease: Lease, { now, epoch, turn, reason }: GiveUp): Promise<boolean> {
    const job = { condition: "#epoch = :epoch", values: { epoch }, add: { unitsFailed: 1 } };
    const set = { state: "failed", turn, ...noTrouble, reason, rcuPerSecond: 0, attempts: 0, updatedAt: now };
    return this.end(lease, set, job);
  }

  /**
   * Ends the unit and counts it in the job's record. The owner stays in the unit, so that a repetition after a lost
   * answer recognizes its own write.
   */
  private async end(lease: Lease, set: Record<string, unknown>, job: UpdateParts): Promise<boolean> {
    const { client, table: TableName, retry } = this.options;
    const unit = updateOf({ condition: HOLDS, values: holder(lease), set });
    const TransactItems = [
      {
        Update: {
          TableName,
          Key: unitKey(lease.job, lease.unit),
          ...unit,
          ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
        },
      },
      { Update: { TableName, Key: jobKey(lease.job), ...updateOf(job) } },
    ];
    try {
      await retry(() => client.send(new TransactWriteItemsCommand({ TransactItems })));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const found = error.CancellationReasons?.[0]?.Item;
      if (error.CancellationReasons?.some(({ Code }) => Code === "ConditionalCheckFailed") !== true) throw error;
      const { state, owner } = unitOf(found);
      return state === set.state && owner === lease.owner;
    }
  }

  private async update(
    { job, unit }: Pick<Lease, "job" | "unit">,
    parts: UpdateParts,
  ): Promise<{ applied: boolean; item: Item | undefined }> {
    const { client, table, retry } = this.options;
    const answer = { ReturnValues: "ALL_NEW", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
    const input = { TableName: table, Key: unitKey(job, unit), ...updateOf(parts), ...answer };
    try {
      const { Attributes } = await retry(() => client.send(new UpdateItemCommand(input)));
      return { applied: true, item: Attributes };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { applied: false, item: error.Item };
    }
  }
}

/** A unit as it lies in the table, or as it is before anybody took it. */
export function unitOf(item: Item | undefined): Unit {
  const fresh = { state: "active", turn: 0, attempts: 0, counts: noCounts, rcuPerSecond: 0, updatedAt: 0 };
  return { ...fresh, ...(item && fromAttributes<Partial<Unit>>(item)) } as Unit;
}

function holder({ owner, turn }: Pick<Lease, "owner" | "turn">): Record<string, unknown> {
  return { active: "active", owner, turn };
}
