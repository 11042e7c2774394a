/** Costs, limits, and what the ledger asks of DynamoDB: cases for the Python package. */
import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDbLedger } from "../../shared/capacity/ledger/dynamoDbLedger";
import { Ledger, type ReserveRequest } from "../../shared/capacity/ledger/ledger";
import { fromAttributes, toAttributes } from "../../shared/capacity/ledger/ledgerAttributes";
import type { LedgerChange, LedgerItem } from "../../shared/capacity/ledger/ledgerItem";
import { pauseUpdate } from "../../shared/capacity/ledger/pauseChange";
import { factorAfterThrottle, factorAt } from "../../shared/capacity/ledger/throttle";
import {
  failedWriteCapacityUnits,
  readBytes,
  readCapacityUnits,
  writeCapacityUnits,
} from "../../shared/capacity/metering/capacityUnits";
import {
  addConsumption,
  type Consumption,
  consumptionOf,
  sinceConsumption,
} from "../../shared/capacity/metering/consumption";
import {
  type CapacityLimits,
  checkLimits,
  costMs,
  costRatio,
  lowestLimit,
  sameLimits,
} from "../../shared/capacity/metering/limits";
import { expectGolden } from "../support/golden";
import { MemoryLedger } from "../support/memoryLedger";
import { seeded } from "../support/simulation/chance";

const T = 1_800_000_000_000;

/** As JSON has it. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

function pairs<T>(values: readonly T[]): [T, T][] {
  return values.flatMap((a) => values.map((b): [T, T] => [a, b]));
}

const consumptions: Consumption[] = [
  { table: 0 },
  { table: 1.5 },
  { table: 3, indexes: { byDate: 7.5, constructor: 2 } },
  { table: 0.5, indexes: { "größe-ü💡": 1, byDate: 0 } },
  { table: 123_456_789.5, indexes: {} },
];

const limits: CapacityLimits[] = [
  { table: 10 },
  { table: 10, indexes: {} },
  { table: 10, indexes: { byDate: 10 } },
  { table: 40_000, indexes: { byDate: 3, constructor: 0.25, toString: 1e6 } },
  { table: 0.1, indexes: { "größe-ü💡": 7 } },
];

test("consumption and cost of requests", () => {
  const capacities: ConsumedCapacity[] = [
    {},
    { CapacityUnits: 2.5 },
    { CapacityUnits: 2.5, Table: { CapacityUnits: 1 } },
    { CapacityUnits: 9, Table: { CapacityUnits: 1 }, GlobalSecondaryIndexes: { byDate: { CapacityUnits: 8 } } },
    { CapacityUnits: 9, GlobalSecondaryIndexes: { byDate: { CapacityUnits: 8 }, empty: {} } },
    {
      Table: { CapacityUnits: 1 },
      LocalSecondaryIndexes: { local: { CapacityUnits: 4 }, other: { CapacityUnits: 0.5 } },
      GlobalSecondaryIndexes: { constructor: { CapacityUnits: 8 } },
    },
    { LocalSecondaryIndexes: {}, CapacityUnits: 3 },
  ];
  const sizes = [0, 1, 1_023, 1_024, 1_025, 4_096, 4_097, 65_536.5, 409_600];
  const consistencies = ["eventual", "strong", "transactional"] as const;
  expectGolden(
    "metering",
    plain({
      consumptionOf: capacities.map((capacity) => ({ capacity, consumption: consumptionOf(capacity) })),
      sums: pairs(consumptions).map(([a, b]) => ({ a, b, sum: addConsumption(a, b), since: sinceConsumption(a, b) })),
      costs: consumptions.flatMap((consumption) =>
        limits.flatMap((allowed) =>
          [1, 0.35].map((factor) => ({
            consumption,
            limits: allowed,
            factor,
            ms: costMs(consumption, allowed, factor),
          })),
        ),
      ),
      lowest: limits.map((allowed) => ({ limits: allowed, lowest: lowestLimit(allowed) })),
      ratios: pairs(limits).map(([a, b]) => ({ a, b, ratio: costRatio(a, b), same: sameLimits(a, b) })),
      wrong: [
        { table: 0 },
        { table: -1, indexes: { a: 5, b: 0 } },
        { table: 1, indexes: { ü: -2.5 } },
        { table: 3 },
      ].map((allowed) => ({ limits: allowed, message: message(() => checkLimits(allowed)) })),
      reads: sizes.flatMap((bytes) =>
        consistencies.map((consistency) => {
          const units = readCapacityUnits(bytes, consistency);
          return { bytes, consistency, units, paid: readBytes(units, consistency) };
        }),
      ),
      writes: pairs(sizes).flatMap(([before, after]) =>
        [false, true].map((transactional) => ({
          ...{ before, after, transactional },
          units: writeCapacityUnits(after, transactional),
          failed: failedWriteCapacityUnits(before, after, transactional),
        })),
      ),
    }),
  );
});

const key = { pk: { S: "job-7" }, sk: { S: "ledger#write" } };
const extra = { expiresAt: { N: "1900000000" } };

const items: LedgerItem[] = [
  {
    ...{ until: T, reservations: 0, workers: 0, costSum: 0, costCount: 0 },
    ...{ limits: { table: 100 }, paused: false, factor: 1, factorAt: 0 },
  },
  {
    ...{ until: T + 1234.5678, reservations: 31, workers: 3, costSum: 40.00049, costCount: 1.25 },
    ...{ limits: { table: 12.5, indexes: { byDate: 1e6, "größe-ü💡": 0.5 } }, paused: true },
    ...{ factor: 0.8 * 0.8 * 0.8, factorAt: T - 17.0004 },
  },
];

/** Makes a change of the ledger with a client that records its requests. */
async function requestsOf(use: (store: DynamoDbLedger) => Promise<unknown>): Promise<object[]> {
  const sent: object[] = [];
  const send = async ({ input }: { input: object }) => {
    sent.push(input);
    return { Attributes: toAttributes(items[0]!), Item: toAttributes(items[0]!) };
  };
  await use(new DynamoDbLedger({ client: { send } as unknown as DynamoDBClient, table: "jobs", key, extra }));
  return sent;
}

const changes: LedgerChange[] = [
  { add: { workers: 1 } },
  { add: { until: -0.4 } },
  { set: { paused: true } },
  { set: { limits: { table: 5 }, costSum: 1.00049, costCount: 0.25 }, add: { until: 12.3456789 } },
  { set: { limits: { table: 5, indexes: { "größe-ü💡": 0.1 } }, workers: 3 } },
  { set: { factor: 0.64 * 0.8, factorAt: T + 0.12345 }, require: { factorAtTo: T - 999.87654 } },
  { require: { untilFrom: T - 100, untilTo: T + 200.0005, unpaused: true, costKnown: true }, add: { reservations: 1 } },
  { require: { untilBefore: T, unpaused: true, memberUnpaused: "a", costKnown: false }, set: { until: T + 1_000 } },
  { member: { name: "job-ü", paused: true } },
  { member: { name: "job-ü", paused: false }, add: { costSum: 1, costCount: 2 } },
];

test("the ledger's requests to DynamoDB, and its reading of the answers", async () => {
  const written = items.map(toAttributes);
  const shared = { ...written[0], pausedMembers: { SS: ["a", "b"] } };
  expectGolden(
    "ledgerRequests",
    plain({
      creates: await Promise.all(
        items.map(async (item) => ({ item, requests: await requestsOf((store) => store.create(item)) })),
      ),
      read: await requestsOf((store) => store.read()),
      updates: await Promise.all(
        changes.map(async (change) => ({ change, requests: await requestsOf((store) => store.update(change)) })),
      ),
      pauses: [undefined, "a"].flatMap((member) =>
        [true, false].map((paused) => ({
          paused,
          member,
          update: pauseUpdate({ table: "jobs", key }, paused, member),
        })),
      ),
      items: [...written, shared].map((attributes) => ({ attributes, item: fromAttributes(attributes) })),
      throttles: items.flatMap((item) =>
        [0, 999, 20_000, 1e6].map((later) => {
          const now = item.factorAt + later;
          return { item, now, factor: factorAt(item, now), lowered: factorAfterThrottle(item, now) };
        }),
      ),
    }),
  );
});

/** A step: a call of the ledger and its arguments. Moments count from the beginning. */
type Step = readonly [string, ...unknown[]];

/** Random calls of all kinds, of a ledger that two members share. */
function steps(seed: number): Step[] {
  const random = seeded(seed);
  const below = (most: number) => Math.floor(most * random() * 1_000) / 1_000;
  const yes = (probability: number) => random() < probability;
  let now = 0;
  const costs = () => ({ costSum: below(300), costCount: 1 + Math.floor(below(5)) });
  return Array.from({ length: 40 }, (): Step => {
    now += below(150);
    const kind = Math.floor(below(12));
    if (kind === 0) return ["join"];
    if (kind === 1) return ["leave", below(200) - 100, yes(0.5) ? costs() : null, yes(0.3) ? now : null];
    if (kind === 2) return ["adjust", below(200) - 100, yes(0.5) ? costs() : null, yes(0.3) ? now : null];
    if (kind === 3)
      return ["configure", { table: 1 + below(200), ...(yes(0.5) && { indexes: { byDate: 5 + below(50) } }) }, now];
    if (kind === 4) return ["pause", yes(0.3)];
    if (kind === 5) return ["throttled", now];
    const request: ReserveRequest = {
      ...{ now, span: 1 + below(300), horizon: below(300) - 50, counted: yes(0.8), expectIdle: yes(0.5) },
      ...(yes(0.3) && { past: 100 }),
      ...(yes(0.3) && { costKnown: yes(0.5) }),
      ...(yes(0.2) && { joins: true }),
      ...(yes(0.4) && { costs: costs() }),
      ...(yes(0.3) && { returned: below(40) }),
      ...(yes(0.2) && { workers: 1 + Math.floor(below(20)) }),
    };
    return ["reserve", request];
  });
}

async function perform(ledger: Ledger, [kind, ...args]: Step): Promise<unknown> {
  const [first, second, third] = args as never[];
  if (kind === "join") return ledger.join();
  if (kind === "leave") return ledger.leave(first!, { costs: second ?? undefined, ifUntil: third ?? undefined });
  if (kind === "adjust") return ledger.adjust(first!, second ?? undefined, third ?? undefined);
  if (kind === "configure") return ledger.configure(first!, second!);
  if (kind === "pause") return ledger.pause(first!);
  if (kind === "throttled") return ledger.throttled(first!, await ledger.read());
  return ledger.reserve(first!);
}

test("the ledger's grants", async () => {
  const runs = [];
  for (let seed = 1; seed <= 6; seed++) {
    const store = new MemoryLedger();
    const members = [undefined, "a", "b"].map((member) => new Ledger(store, member === undefined ? {} : { member }));
    await members[0]!.create({ table: 100, indexes: { byDate: 50 } }, 0);
    const made = [];
    for (const [i, step] of steps(seed).entries()) {
      const member = (i * seed) % 3;
      made.push({ member, step, answer: await perform(members[member]!, step) });
    }
    runs.push(made);
  }
  expectGolden("ledger", plain(runs));
});

function message(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
