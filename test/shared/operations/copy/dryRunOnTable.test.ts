/** A copy and its dry run on the same random data, on DynamoDB Local. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import type { Item } from "../../../../shared/aws/itemSize";
import { addConsumption, type Consumption, nothing } from "../../../../shared/capacity/metering/consumption";
import type { Purpose } from "../../../../shared/capacity/metering/direction";
import { capacityPlugin } from "../../../../shared/capacity/plugin/capacityPlugin";
import { copy } from "../../../../shared/operations/copy/copy";
import type { Page, Params, Tools } from "../../../../shared/operations/operation";
import { describeTable, type TableFacts } from "../../../../shared/tables/facts";
import { sendBatchesFast } from "../../../../shared/writing/batchShortcut";
import { addOutcomes, noOutcomes } from "../../../../shared/writing/outcomes";
import type { Written } from "../../../../shared/writing/written";
import { type DynamoDbLocal, startDynamoDbLocal } from "../../../support/dynamoDbLocal";
import { RecordingGate, settings } from "../../capacity/plugin/limitedTables";
import { retrying } from "../../writing/stubClient";

const TABLE = "copies";

/** Where the table has an item of the same key: nowhere, the same item, or another one. */
type There = "absent" | "same" | "other";

interface Case {
  /** In the order of the pages. `twin`: the number of the earlier item that has the same copy. */
  readonly items: readonly { readonly item: Item; readonly there: There; readonly twin: number | undefined }[];
  readonly transform: object | undefined;
  /** Number of items of the first page. */
  readonly split: number;
}

const values = fc.record({
  status: fc.constantFrom<Item[string]>({ S: "open" }, { S: "closed" }, { N: "1.50" }, { NULL: true }),
  day: fc.constantFrom<Item[string] | undefined>(undefined, { S: "a" }, { S: "b" }, { S: "" }, { N: "1" }),
  text: fc.nat(9_000).map((length): Item[string] => ({ S: "x".repeat(length) })),
  photo: fc.uint8Array({ minLength: 1, maxLength: 9 }).map((bytes): Item[string] => ({ B: bytes })),
});
const cases: fc.Arbitrary<Case> = fc
  .record({
    items: fc.array(
      fc.record({
        values,
        there: fc.constantFrom<There>("absent", "same", "other"),
        twin: fc.option(fc.nat(30), { nil: undefined, freq: 5 }),
      }),
      { minLength: 1, maxLength: 40 },
    ),
    transform: fc.constantFrom(undefined, {
      set: { label: { S: "new" } },
      remove: ["photo", "key"],
      onlyIf: "status <> text",
    }),
    split: fc.nat(40),
  })
  .map(({ items, ...rest }) => ({
    ...rest,
    items: items.map(({ values: { day, ...others }, there, twin }, at) => ({
      item: { ...others, ...(day && { day }) },
      there,
      // A later page doesn't know what an earlier one would have put.
      twin: twin === undefined || twin >= at || at >= rest.split ? undefined : twin,
    })),
  }));

class Gates {
  private readonly gates = { read: new RecordingGate(), write: new RecordingGate() };
  readonly client: DynamoDBClient;

  constructor(endpoint: string) {
    const plugins = (["read", "write"] as const).map((direction) =>
      capacityPlugin(this.gates[direction], { table: TABLE, direction }),
    );
    this.client = sendBatchesFast(new DynamoDBClient({ ...settings, endpoint, maxAttempts: 1 }), plugins);
  }

  consumed(direction: "read" | "write"): Consumption {
    const charged = this.gates[direction].ended.filter((each) => typeof each === "object");
    return charged.reduce(addConsumption, nothing);
  }
}

describe("a dry run of a copy with ifAbsent", () => {
  let local: DynamoDbLocal;
  let facts: TableFacts;
  let run = 0;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
    await local.client.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [
          { AttributeName: "id", KeyType: "HASH" },
          { AttributeName: "sort", KeyType: "RANGE" },
        ],
        AttributeDefinitions: (["id:S", "sort:N", "day:S"] as const).map((each) => {
          const [AttributeName, AttributeType] = each.split(":") as [string, "S" | "N"];
          return { AttributeName, AttributeType };
        }),
        GlobalSecondaryIndexes: [
          {
            IndexName: "by-day",
            KeySchema: [{ AttributeName: "day", KeyType: "HASH" }],
            Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["status", "text"] },
          },
        ],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
    facts = (await describeTable(local.client, TABLE)) as TableFacts;
  });
  afterAll(() => local?.stop());

  const toolsOf = (gates: Gates): Tools => {
    const direction = (purpose: Purpose) => (purpose === "write" ? "write" : "read");
    return {
      dynamodb: gates.client,
      s3: { send: async () => ({}) } as unknown as Tools["s3"],
      ...{ bucket: "results", prefix: "copy/job/", retry: retrying(), signal: new AbortController().signal },
      limits: () => ({ table: 1_000 }),
      requestMs: () => undefined,
      consumed: (purpose) => gates.consumed(direction(purpose)),
      entries: { put: async () => undefined, list: async function* () {} },
    };
  };

  /**
   * The result of the pages, and what the requests consumed. @param times how often each page is worked on, from the same
   * checkpoint.
   */
  async function runPages(pages: readonly (readonly Item[])[], params: Params, times = 1) {
    const gates = new Gates(local.endpoint);
    const tools = toolsOf(gates);
    let result: Written | undefined;
    for (const [number, items] of pages.entries()) {
      const page: Page = {
        ...{ items, scannedItems: items.length, scannedBytes: 0, rcu: 0, last: number === pages.length - 1 },
        ...{ position: { job: "job", unit: 0, page: number }, table: "source", keys: ["key"], params },
        target: facts.schema,
      };
      const soFar = result;
      for (let time = 0; time < times; time++) result = (await copy.page(page, soFar, tools)) as Written;
    }
    gates.client.destroy();
    return { result: result!, read: gates.consumed("read"), write: gates.consumed("write") };
  }

  test("counts a page once that is repeated after a crash", async () => {
    const source = sourceOf({
      items: [{ item: {}, there: "absent", twin: undefined }],
      transform: undefined,
      split: 1,
    });
    const params = { to: TABLE, ifAbsent: true, dryRun: true };
    const [once, twice] = [await runPages([source], params), await runPages([source], params, 2)];
    expect(twice.result).toEqual(once.result);
    expect(twice.read.table).toBe(2 * once.read.table);
  });

  /** The source's items, each with the key of its copy. */
  function sourceOf({ items }: Case): Item[] {
    const prefix = `run-${++run}`;
    const alone = items.map(({ item }, at) => ({ ...item, id: { S: `${prefix}-${at}` }, sort: { N: "7" } }));
    return items.map(({ twin }, at) => ({ ...alone[twin ?? at]!, key: { S: String(at).padStart(2, "0") } }));
  }

  async function fill(source: readonly Item[], { items }: Case): Promise<void> {
    for (const [at, item] of source.entries()) {
      const { there, twin } = items[at]!;
      // The index takes no such key.
      const isOdd = item.day?.N !== undefined || item.day?.S === "";
      if (there === "absent" || twin !== undefined || isOdd) continue;
      const Item = there === "same" ? item : { ...item, status: { S: "other" } };
      await local.client.send(new PutItemCommand({ TableName: TABLE, Item }));
    }
  }

  test("predicts outcomes and capacity of the real one exactly, and is charged for looking", async () => {
    let seen = noOutcomes;
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const source = sourceOf(given);
        await fill(source, given);
        const pages = [source.slice(0, given.split), source.slice(given.split)];
        const params = { to: TABLE, ifAbsent: true, ...(given.transform && { transform: given.transform }) };
        const dry = await runPages(pages, { ...params, dryRun: true });
        const real = await runPages(pages, params);
        expect(dry.result.outcomes).toEqual(real.result.outcomes);
        seen = addOutcomes(seen, real.result.outcomes);
        expect(dry.result.failures).toEqual(real.result.failures);
        expect(dry.result.consumed).toEqual(real.write);
        expect(dry.write).toEqual({ table: 0 });
        expect(dry.result.lookupRcu ?? 0).toBe(dry.read.table);
        expect(real.read).toEqual({ table: 0 });
        expect(real.result.lookupRcu).toBeUndefined();
        expect(dry.result.examples?.length ?? 0).toBe(Math.min(20, real.result.outcomes.updated));
      }),
      { numRuns: 40 },
    );
    const { updated, already, skipped, failed, ...others } = seen;
    expect(Math.min(updated, already, skipped, failed)).toBeGreaterThan(0);
    expect(others).toEqual({ conflict: 0, gone: 0 });
  });
});
