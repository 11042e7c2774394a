/** A table on virtual time: it takes conditional writes, and reports and records what they consume. */
import type {
  BatchExecuteStatementInput,
  BatchExecuteStatementOutput,
  ConsumedCapacity,
  ScanInput,
  ScanOutput,
} from "@aws-sdk/client-dynamodb";
import { type Item, itemBytes } from "../../shared/aws/itemSize";
import { failedWriteCapacityUnits } from "../../shared/capacity/metering/capacityUnits";
import { addConsumption, type Consumption, nothing } from "../../shared/capacity/metering/consumption";
import { writeConsumption } from "../../shared/tables/writeConsumption";
import type { World } from "../../test/support/simulation/simulation";
import type { MachineClock } from "../../test/support/virtualTime";
import { schema, TABLE, type WriteCell } from "./cells";
import { writtenItem } from "./writtenItem";

/** Items of a segment: few enough that segments end, and new ones begin, all the time. */
const SEGMENT_ITEMS = 2_000;

interface Row {
  item: Item;
  /** Another writer changes it before the next write to it. */
  changesSoon: boolean;
}

export class SimulatedTable {
  private readonly rows = new Map<string, Row>();
  private next = 0;

  constructor(
    private readonly world: World,
    private readonly cell: WriteCell,
    /** How long a request takes, milliseconds. */
    private readonly requestMs: () => number,
  ) {}

  /** A page of the segment. Its items are new ones. */
  async scan({ Limit = SEGMENT_ITEMS, ExclusiveStartKey }: ScanInput, clock: MachineClock): Promise<ScanOutput> {
    await clock.sleep(this.requestMs());
    const from = Number(ExclusiveStartKey?.id?.S ?? 0);
    const to = Math.min(SEGMENT_ITEMS, from + Limit);
    const Items = Array.from({ length: to - from }, () => this.add());
    const more = to < SEGMENT_ITEMS && { LastEvaluatedKey: { id: { S: `${to}` } } };
    const units = { TableName: TABLE, CapacityUnits: Items.length / 8, Table: { CapacityUnits: Items.length / 8 } };
    return { Items, Count: Items.length, ScannedCount: Items.length, ...more, ConsumedCapacity: units };
  }

  /** Statements of the form of shared/writing/statements.ts. */
  async execute(
    { Statements = [] }: BatchExecuteStatementInput,
    clock: MachineClock,
  ): Promise<BatchExecuteStatementOutput> {
    const { all, there } = this.times();
    await clock.sleep(there);
    let reported = nothing;
    const Responses = Statements.map(({ Statement = "", Parameters = [] }) => {
      const names = [...Statement.matchAll(/ SET "([^"]+)"=\?/g)].map(([, name]) => name!);
      const set = Object.fromEntries(names.map((name, i) => [name, Parameters[i]!]));
      const { refusedBy, consumed } = this.write(Parameters[names.length]!.S!, set);
      if (refusedBy === undefined) reported = addConsumption(reported, consumed);
      const error = { Code: "ConditionalCheckFailed" as const, Message: "The condition failed.", Item: refusedBy };
      return { TableName: TABLE, ...(refusedBy !== undefined && { Error: error }) };
    });
    await clock.sleep(all - there);
    return { Responses, ConsumedCapacity: [capacityOf(reported)] };
  }

  /**
   * A request that updates one new item in the same way.
   * @returns the consumption in the response; undefined: the condition failed.
   */
  async updateOne(clock: MachineClock): Promise<Consumption | undefined> {
    const item = this.add();
    const { all, there } = this.times();
    await clock.sleep(there);
    const { refusedBy, consumed } = this.write(item.id!.S!, { tag: item.nextTag!, done: { S: "yes" } });
    await clock.sleep(all - there);
    return refusedBy === undefined ? consumed : undefined;
  }

  private write(id: string, set: Item): { refusedBy: Item | undefined; consumed: Consumption } {
    const row = this.rows.get(id)!;
    if (row.changesSoon) {
      row.changesSoon = false;
      row.item = { ...row.item, version: { N: "2" } };
      const consumed = { table: failedWriteCapacityUnits(itemBytes(row.item), 0) };
      this.world.record.add(this.world.time.now, consumed);
      return { refusedBy: row.item, consumed };
    }
    const after = { ...row.item, ...set };
    const consumed = writeConsumption(row.item, after, schema);
    this.world.record.add(this.world.time.now, consumed);
    // No write to it follows.
    this.rows.delete(id);
    return { refusedBy: undefined, consumed };
  }

  private add(): Item {
    const { random } = this.world;
    const item = writtenItem(this.next++, this.cell.moved, random);
    this.rows.set(item.id!.S!, { item, changesSoon: random() < this.cell.changed });
    return item;
  }

  /** A request consumes when it arrives, in the middle of its latency but after 10 ms at most. */
  private times(): { all: number; there: number } {
    const all = this.requestMs();
    return { all, there: Math.min(10, all / 2) };
  }
}

function capacityOf({ table, indexes = {} }: Consumption): ConsumedCapacity {
  const names = Object.keys(indexes);
  const sum = names.reduce((all, name) => all + indexes[name]!, table);
  return {
    ...{ TableName: TABLE, CapacityUnits: sum, Table: { CapacityUnits: table } },
    GlobalSecondaryIndexes: Object.fromEntries(names.map((name) => [name, { CapacityUnits: indexes[name]! }])),
  };
}
