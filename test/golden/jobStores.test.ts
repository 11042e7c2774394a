/** The requests that the stores of the jobs table make, and what they read from the answers: for the Python workers' stores. */
import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Item } from "../../shared/aws/itemSize";
import { DynamoDbChains } from "../../shared/jobs/storage/dynamoDbChains";
import { DynamoDbEntries } from "../../shared/jobs/storage/dynamoDbEntries";
import { DynamoDbJobs } from "../../shared/jobs/storage/dynamoDbJobs";
import { DynamoDbUnits } from "../../shared/jobs/storage/dynamoDbUnits";
import { jsonAttribute } from "../../shared/jobs/storage/jobsTable";
import type { Json } from "../../shared/json";
import { expectGolden } from "../support/golden";
import { sampleJob } from "../support/sampleJob";

const NOW = 1_800_000_000_000;

/** How DynamoDB answers a request: with an item (or none), or by refusing a condition, or by cancelling a transaction. */
type Answer =
  | { readonly item?: Item; readonly items?: readonly Item[]; readonly more?: boolean }
  | { readonly refused: Item | null }
  | { readonly cancelled: readonly string[] };

class FakeTable {
  readonly requests: { operation: string; input: Json }[] = [];
  constructor(private readonly answers: Answer[]) {}

  async send({ constructor: { name }, input }: { constructor: { name: string }; input: unknown }) {
    this.requests.push({ operation: name.replace("Command", ""), input: JSON.parse(JSON.stringify(input)) });
    const answer = this.answers[this.requests.length - 1] ?? {};
    if ("refused" in answer) {
      const Item = answer.refused ?? undefined;
      throw new ConditionalCheckFailedException({ message: "m", $metadata: {}, ...(Item && { Item }) });
    }
    if ("cancelled" in answer) {
      const CancellationReasons = answer.cancelled.map((Code) => ({ Code }));
      throw new TransactionCanceledException({ message: "m", $metadata: {}, CancellationReasons });
    }
    const { item, items, more } = answer;
    return { Attributes: item, Item: item, Items: items, ...(more && { LastEvaluatedKey: { pk: { S: "p" } } }) };
  }
}

interface Case {
  readonly store: "jobs" | "units" | "chains" | "entries";
  readonly method: string;
  readonly args: readonly unknown[];
  readonly answers: readonly Answer[];
}

const run = async ({ store, method, args, answers }: Case) => {
  const client = new FakeTable([...answers]);
  const options = { client: client as never, table: "jobs", retry: <T>(call: () => Promise<T>) => call() };
  const stores: Record<Case["store"], object> = {
    jobs: new DynamoDbJobs(options),
    units: new DynamoDbUnits(options),
    chains: new DynamoDbChains(options),
    entries: new DynamoDbEntries({ ...options, job: "j", expiresAt: 1_900_000_000 }),
  };
  const call = (stores[store] as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!;
  const result = await call.apply(stores[store], [...args]);
  return { store, method, args, answers, requests: client.requests, result: result ?? null };
};

const lease = { job: "j", unit: 3, owner: "spark/1", turn: 1_000_000 };
const counts = { pages: 7, scannedItems: 1_000, items: 999, rcu: 128.5 };
const checkpoint = {
  cursor: { id: { S: "é\u2028\ud83d\ude00" } },
  counts,
  result: { n: 1, f: 0.1 },
  rcuPerSecond: 1 / 3,
};
const writing = { ...checkpoint, cursor: [1, "x"], result: "text", wcuPerSecond: 0 };
const brake = {
  failures: 30,
  recounts: 2,
  failuresBefore: 9,
  mostFailures: 25,
  mostFailuresPercent: 1.5,
  resumedAt: NOW,
};
const head = marshall(
  {
    ...sampleJob({ id: "j", ...brake }),
    source: undefined,
    identity: undefined,
    operation: undefined,
    limitGroup: "g",
  },
  {
    removeUndefinedValues: true,
  },
);
const unit = (part: object) =>
  marshall({ number: 3, state: "active", turn: 0, owner: "spark/1", attempts: 2, ...part });
const countsAlone = (part: object) => marshall({ counts: { ...counts, ...part } });
const progress = { counts, rcuPerSecond: 2.5, updatedAt: NOW - 5, cursor: '{"id":{"S":"a"}}', result: "[1,null]" };
const job = sampleJob({
  id: "j",
  epoch: 2,
  limits: [
    { direction: "read", table: "answers", limits: { table: 100 } },
    { direction: "write", table: "copy", limits: { table: 50, indexes: { byDate: 5 } } },
    { direction: "read", purpose: "lookup", table: "copy", limits: { table: 20 } },
  ],
});
const ofGroup = { ...job, limitGroup: "lab" };

const failing = { ...writing, counts: { ...counts, failures: 8 } };

const cases: Case[] = [
  ...[
    { done: 0, failed: 0 },
    { done: 2, failed: 1 },
  ].flatMap((ended): Case[] => [
    { store: "jobs", method: "claim", args: ["j", ended], answers: [{ item: head }] },
    { store: "jobs", method: "claim", args: ["j", ended], answers: [{ refused: head }] },
    { store: "jobs", method: "claim", args: ["j", ended], answers: [{ refused: null }] },
  ]),
  { store: "jobs", method: "ended", args: [job, { done: 1, failed: 0 }], answers: [{ item: head }] },
  { store: "jobs", method: "ended", args: [job, { done: 0, failed: 3 }], answers: [{ refused: head }] },
  { store: "jobs", method: "head", args: ["j"], answers: [{ item: head }] },
  { store: "jobs", method: "head", args: ["j"], answers: [{}] },
  { store: "jobs", method: "read", args: ["j"], answers: [{ items: [] }] },
  { store: "jobs", method: "setChains", args: [job, 4], answers: [{ item: head }] },
  { store: "jobs", method: "addFailures", args: ["j", 5], answers: [{ item: head }] },
  { store: "jobs", method: "addFailures", args: ["j", 5], answers: [{ refused: null }] },
  ...[{}, { recounts: 3 }].flatMap((seen): Case[] => {
    const args = [
      { ...job, failures: 12, ...seen },
      { failures: 7, mostFailures: 10 },
    ];
    return [
      { store: "jobs", method: "recount", args, answers: [{ item: head }] },
      { store: "jobs", method: "recount", args, answers: [{ refused: head }] },
    ];
  }),
  {
    store: "jobs",
    method: "failedItems",
    args: ["j"],
    answers: [
      { items: [{}, countsAlone({ failures: 40 })], more: true },
      { items: [countsAlone({}), countsAlone({ failures: 2 })] },
    ],
  },
  ...[job, ofGroup, { ...job, expiresAt: 1_900_000_000 }].flatMap((seen): Case[] => [
    { store: "jobs", method: "stop", args: [seen, "gone", NOW], answers: [{}] },
    {
      store: "jobs",
      method: "pause",
      args: [seen, "5 failed", NOW],
      answers: [{ cancelled: ["ConditionalCheckFailed", "None"] }],
    },
  ]),
  ...[undefined, 1_900_000_000].flatMap((expiresAt): Case[] => {
    const take = { ...lease, now: NOW, until: NOW + 62_000, ...(expiresAt && { expiresAt }) };
    return [
      { store: "units", method: "take", args: [take], answers: [{ item: unit(progress) }] },
      { store: "units", method: "take", args: [take], answers: [{ item: unit({}) }, { item: { pk: { S: "job#j" } } }] },
      { store: "units", method: "take", args: [take], answers: [{ item: unit({}) }, {}] },
      {
        store: "units",
        method: "take",
        args: [take],
        answers: [{ item: unit({}) }, { item: { deleting: { BOOL: true } } }],
      },
      {
        store: "units",
        method: "take",
        args: [take],
        answers: [{ refused: unit({ ...progress, owner: "other", leaseUntil: NOW + 1 }) }],
      },
      {
        store: "units",
        method: "take",
        args: [take],
        answers: [{ refused: unit({ state: "failed", reason: "r", turn: 1_999_999 }) }],
      },
    ];
  }),
  ...[checkpoint, writing, failing].flatMap((each): Case[] => [
    { store: "units", method: "save", args: [lease, each, NOW], answers: [{ item: unit(progress) }] },
    { store: "units", method: "save", args: [lease, each, NOW], answers: [{ refused: unit({ owner: "other" }) }] },
    {
      store: "units",
      method: "release",
      args: [lease, { now: NOW, attempts: 0, unsaved: each }],
      answers: [{ item: unit({}) }],
    },
    { store: "units", method: "finish", args: [lease, each, NOW], answers: [{ item: unit({}) }] },
  ]),
  { store: "units", method: "release", args: [lease, { now: NOW, attempts: 2 }], answers: [{ item: unit({}) }] },
  {
    store: "units",
    method: "release",
    args: [lease, { now: NOW, attempts: 2, failure: { reason: "Error: no", retryAt: NOW + 9_000 } }],
    answers: [{ refused: null }],
  },
  {
    store: "units",
    method: "note",
    args: [lease, { reason: "Throttled", since: NOW - 5_000 }],
    answers: [{ item: unit({}) }],
  },
  // A repetition after a lost answer.
  { store: "units", method: "finish", args: [lease, checkpoint, NOW], answers: [{ refused: unit({ state: "done" }) }] },
  {
    store: "units",
    method: "finish",
    args: [lease, checkpoint, NOW],
    answers: [{ refused: unit({ state: "done", owner: "other" }) }],
  },
  {
    store: "units",
    method: "fail",
    args: [lease, { now: NOW, turn: 1_999_999, reason: "r" }],
    answers: [{ item: unit({}) }],
  },
  {
    store: "units",
    method: "fail",
    args: [lease, { now: NOW, turn: 1_999_999, reason: "r" }],
    answers: [{ refused: unit({ state: "failed" }) }],
  },
  { store: "units", method: "read", args: ["j", 12_345], answers: [{ item: unit({ retryAt: NOW }) }] },
  { store: "units", method: "read", args: ["j", 0], answers: [{}] },
  {
    store: "units",
    method: "list",
    args: ["j"],
    answers: [{ items: [unit({})], more: true }, { items: [unit({ number: 4 })] }],
  },
  ...[undefined, 1_900_000_000].flatMap((expiresAt): Case[] => {
    const take = {
      job: "j",
      chain: 9,
      owner: "spark/1",
      turn: 0,
      now: NOW,
      until: NOW + 62_000,
      ...(expiresAt && { expiresAt }),
    };
    const chain = (part: object) => marshall({ number: 9, turn: 0, ...part });
    return [
      { store: "chains", method: "take", args: [take], answers: [{ item: chain({}) }] },
      { store: "chains", method: "take", args: [take], answers: [{}, { item: { pk: { S: "job#j" } } }] },
      { store: "chains", method: "take", args: [take], answers: [{}, {}] },
      { store: "chains", method: "take", args: [take], answers: [{ item: chain({ owner: "spark/1" }) }, {}] },
      {
        store: "chains",
        method: "take",
        args: [take],
        answers: [{ refused: chain({ owner: "other", leaseUntil: NOW }) }],
      },
      {
        store: "chains",
        method: "read",
        args: ["j", 9],
        answers: [{ item: chain({ owner: "other", leaseUntil: NOW }) }],
      },
      { store: "chains", method: "read", args: ["j", 9], answers: [{}] },
      { store: "chains", method: "release", args: [take, 0], answers: [{ item: chain({}) }] },
      { store: "chains", method: "release", args: [take, 1_000_000], answers: [{ refused: chain({}) }] },
    ];
  }),
  {
    store: "entries",
    method: "put",
    args: [3, 12, { key: "a/b", items: 5, sum: 0.5, none: null, list: ["x", { y: true }] }],
    answers: [{}],
  },
];

test("requests and answers of the stores", async () => {
  const done: unknown[] = [];
  for (const each of cases) done.push(await run(each));
  expectGolden("job-stores", JSON.parse(JSON.stringify(done)));
});

test("results and cursors as JSON text", () => {
  const values: Json[] = [
    ...[
      0,
      -1,
      1.5,
      1e21,
      123_456_789_012_345_680_000,
      0.1,
      -0.25,
      true,
      "",
      '"\\/\b\u0000\u007f',
      "é 中 \ud83d\ude00",
      "\u2028",
    ],
    ...["\ud800 lone", [], {}, [null, [1, { "": 2 }]], { b: 1, a: [1.0, 2.5], é: { __proto__x: "y" } }],
  ];
  expectGolden(
    "json-attributes",
    values.map((value) => ({ value, text: jsonAttribute(value) ?? null })),
  );
});
