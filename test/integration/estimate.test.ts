/**
 * Compares the estimate before a job with the costs that `jobs show` reports after it, and both with the local cloud's meters.
 *
 * Lambda bills time, and time depends on the machine. So in most cases the workers wait for capacity most of the time: then a
 * job takes the same time on any machine. Where a busy machine takes longer than estimated, Lambda's part of the estimate is
 * stretched alike.
 */
import type { CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import type { JobBill } from "../../cli/jobs/jobBill";
import { createTable, fillTable } from "../../local/fillTable";
import type { Reading } from "../../local/metering/metering";
import { ownCapacity, usageOf } from "../../local/metering/usage";
import { type Bill, type BillPartName, billOf, billParts, dollarsOf } from "../../shared/cost/bill";
import type { Estimate } from "../../shared/cost/estimate";
import { listPrices } from "../../shared/cost/prices";
import { workersLeft } from "../../shared/jobs/workersLeft";
import { ScannerGround } from "./scannerGround";
import { documentOf } from "./sluiceOn";

jest.setTimeout(600_000);

/** Estimates, bills and meters differ by at most this share. */
const CLOSE = 0.15;

const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const sparse: Partial<CreateTableCommandInput> = {
  AttributeDefinitions: [text("id"), text("day")],
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-day",
      KeySchema: [{ AttributeName: "day", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};

interface Table {
  readonly items: number;
  /** Size of an item, roughly. */
  readonly bytes: number;
  readonly changes?: Partial<CreateTableCommandInput>;
  /** Jobs over the table, one after the other: each has a name, and the words of its command. */
  readonly jobs: Readonly<Record<string, string>>;
}

/** Items of 1 KB or 6 KB, or of 300 KB, where each item is a page. Every fourth item is in the index. */
const TABLES: Readonly<Record<string, Table>> = {
  fast: {
    ...{ items: 8_000, bytes: 6_000 },
    jobs: {
      "a count at 1,000 RCU/s": "count fast --read-rate 1000",
      "an export at 1,000 RCU/s": "export fast --read-rate 1000",
    },
  },
  small: {
    ...{ items: 16_000, bytes: 1_000, changes: sparse },
    jobs: {
      "a count at 100 RCU/s": "count small --read-rate 100",
      "an export at 100 RCU/s": "export small --read-rate 100",
      "a count with a filter": 'count small --read-rate 100 --filter begins_with(id,:p) --values {":p":"item-1"}',
      "a count of a sparse index": "count small --read-rate 100 --index by-day",
    },
  },
  slow: {
    ...{ items: 6_400, bytes: 1_000 },
    jobs: {
      "a count at 20 RCU/s": "count slow --read-rate 20",
      "an export at 20 RCU/s": "export slow --read-rate 20",
    },
  },
  tiny: {
    ...{ items: 2_600, bytes: 1_000 },
    jobs: {
      "a count at 5 RCU/s": "count tiny --read-rate 5",
      "an export at 5 RCU/s": "export tiny --read-rate 5",
    },
  },
  large: {
    ...{ items: 60, bytes: 300 * 1024 },
    jobs: {
      "a count of items of 300 KB": "count large --read-rate 100",
      "an export of items of 300 KB": "export large --read-rate 100",
    },
  },
  few: {
    ...{ items: 16, bytes: 300 * 1024 },
    jobs: {
      "a count of items of 300 KB at 20 RCU/s": "count few --read-rate 20",
      "an export of items of 300 KB at 20 RCU/s": "export few --read-rate 20",
    },
  },
};
const names = Object.values(TABLES).flatMap(({ jobs }) => Object.keys(jobs));

interface Shown {
  readonly job: { readonly createdAt: string; readonly endedAt: string };
  readonly progress: { readonly counts: { readonly rcu: number } };
  readonly bill: JobBill;
}

interface Outcome {
  readonly estimate: Estimate;
  readonly shown: Shown;
}

let ground: ScannerGround;
const outcomes = new Map<string, Outcome>();
let metered: Bill;

beforeAll(async () => {
  ground = await ScannerGround.start({ scannerTables: Object.keys(TABLES).join(",") });
  for (const [name, table] of Object.entries(TABLES)) await fill(name, table);
  await ground.cloud.administer("PUT", "metering");
  const { fast, ...others } = TABLES;
  await runAll(fast!);
  await Promise.all(Object.values(others).map(runAll));
  // A message is deleted once its invocation has ended.
  await ground.idle("queue");
  const reading = (await ground.cloud.administer("DELETE", "metering")) as unknown as Reading;
  const read = Object.keys(TABLES).reduce((sum, table) => sum + ownCapacity(reading, table), 0);
  metered = billOf(usageOf(reading, ground.operator.jobsTable), { read }, listPrices);
});
afterAll(() => ground?.stop());

async function fill(name: string, { items, bytes, changes }: Table): Promise<void> {
  const { dynamodb } = ground.operator;
  await createTable(dynamodb, name, changes);
  await fillTable(dynamodb, name, items, (n) => ({
    id: { S: `item-${n}` },
    note: { S: "x".repeat(bytes) },
    ...(n % 4 === 0 ? { day: { S: `day-${n % 400}` } } : {}),
  }));
}

async function runAll({ jobs }: Table): Promise<void> {
  for (const [name, command] of Object.entries(jobs)) outcomes.set(name, await run(command.split(" ")));
}

/** Estimates a job, runs it, and reads what it cost. */
async function run(args: string[]): Promise<Outcome> {
  const estimate = await document<Estimate>("estimate", ...args);
  const { job } = await document<{ job: string }>("start", ...args);
  expect(await ground.end(job)).toMatchObject({ state: "completed" });
  // The last worker records what it used after it has ended the job, when it releases its chain.
  const { dynamodb: client, jobsTable: table } = ground.operator;
  await ground.until(
    async () => workersLeft(await ground.job(job), { client, table, retry: (call) => call(), now: Date.now }),
    (left) => left === undefined,
  );
  return { estimate, shown: await document<Shown>("jobs", "show", job) };
}

async function document<T>(...args: string[]): Promise<T> {
  return documentOf<T>(await ground.sluice(...args, "--json"));
}

/** How far one figure is off, as a share of the other. Equal figures are not off, even if both are 0. */
const off = (figure: number, from: number) => (figure === from ? 0 : Math.abs(figure - from) / from);

/** The estimated dollars, for the time that the job took on this machine. */
function expectedDollars({ estimate: { bill, seconds }, shown: { job } }: Outcome): number {
  const took = (Date.parse(job.endedAt) - Date.parse(job.createdAt)) / 1000;
  const stretch = Math.max(1, took / seconds);
  return bill.dollars + (stretch - 1) * dollarsOf(bill, "lambda")!;
}

describe.each(names)("%s", (name) => {
  test("consumes the capacity that was estimated", () => {
    const { estimate, shown } = outcomes.get(name)!;
    expect(off(estimate.rcu, shown.progress.counts.rcu)).toBeLessThan(CLOSE);
  });

  test("costs as much as was estimated", () => {
    const outcome = outcomes.get(name)!;
    const { usage, dollars } = outcome.shown.bill;
    expect(usage).toMatchObject({ invocations: expect.any(Number) });
    expect(off(expectedDollars(outcome), dollars)).toBeLessThan(CLOSE);
  });
});

describe("the local cloud's meters for all jobs", () => {
  const sum = (dollars: (outcome: Outcome) => number) =>
    [...outcomes.values()].reduce((total, outcome) => total + dollars(outcome), 0);

  test("is the sum of their estimates", () => {
    expect(off(sum(expectedDollars), metered.dollars)).toBeLessThan(CLOSE);
  });

  test.each<BillPartName>([...billParts])("is the sum of their bills: %s", (part) => {
    expect(
      off(
        sum(({ shown }) => dollarsOf(shown.bill, part)!),
        dollarsOf(metered, part)!,
      ),
    ).toBeLessThan(CLOSE);
  });
});
