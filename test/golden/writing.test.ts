/** What the writing operations send and keep. The Python package must send and keep the same. */
import { gzipSync } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { revived } from "../../shared/aws/dynamoJson";
import type { Item } from "../../shared/aws/itemSize";
import type { Json } from "../../shared/json";
import { undoVerdict } from "../../shared/operations/undo/undoVerdict";
import { isAsBefore, recordIn } from "../../shared/writing/before/beforeRecord";
import type { ConditionalWrite, Seen } from "../../shared/writing/conditionalWrite";
import { type FailureRecord, failureLine, readFailures } from "../../shared/writing/failureList";
import { requestOf } from "../../shared/writing/itemRequests";
import { batchSize, requestsAtOnce, WriteCost } from "../../shared/writing/pace";
import { statementOf } from "../../shared/writing/statements";
import { retrying, type Sent, StubClient } from "../shared/writing/stubClient";
import { expectGolden, pythonGolden } from "../support/golden";
import { runScenario } from "./runScenario";
import { scenarios, target } from "./writingScenarios";

/** As JSON; binary as base64. */
const plain = (value: unknown): Json =>
  JSON.parse(JSON.stringify(value, (_, each) => (each instanceof Uint8Array ? base64(each) : each)));
const base64 = (value: Uint8Array) => Buffer.from(value).toString("base64");

const bytes = (...values: number[]) => new Uint8Array(values);
const key: Item = { pk: { S: "ä" }, 'so"rt': { N: "-1.50" } };
const values: Item = {
  text: { S: "Grüße 😀 \n\u0001" },
  empty: { S: "" },
  number: { N: "12345678901234567890123456789012345678" },
  small: { N: "1e-130" },
  binary: { B: bytes(0, 255, 7) },
  yes: { BOOL: true },
  no: { BOOL: false },
  null: { NULL: true },
  list: { L: [{ S: "a" }, { L: [] }, { B: bytes(1) }] },
  map: { M: { 'a".b': { M: {} }, n: { NS: ["1", "2"] } } },
  texts: { SS: ["b", "a"] },
  binaries: { BS: [bytes(1), bytes()] },
};
const seenOf = (item: Item): Seen[] => Object.entries(item).map(([name, value]) => ({ path: [name], value }));
const deep: Seen[] = [
  { path: ["m", "x.y", 1, 'z"'], value: { N: "5" } },
  { path: ["m", "no", 0], value: undefined },
  { path: ["gone"], value: undefined },
];

const writes: Readonly<Record<string, ConditionalWrite>> = {
  "sets values of all types": { key, change: { kind: "update", set: values, remove: [] }, seen: [] },
  "has seen values of all types": {
    key,
    change: { kind: "update", set: { a: { S: "x" } }, remove: [] },
    seen: seenOf(values),
  },
  "removes odd names": {
    key,
    change: { kind: "update", set: {}, remove: ["", "select", 'a"b', "a.b", "ü"] },
    seen: deep,
  },
  "sets and removes": { key, change: { kind: "update", set: { "a b": { S: "x" } }, remove: ["old"] }, seen: deep },
  "names a value twice": {
    key,
    change: { kind: "update", set: { text: { S: "" } }, remove: [] },
    seen: seenOf(values).slice(0, 2),
  },
  "changes nothing": { key, change: { kind: "update", set: {}, remove: [] }, seen: deep },
  "sets #name": { key, change: { kind: "update", set: { "#a": { S: "x" } }, remove: [] }, seen: [] },
  "removes :name": { key, change: { kind: "update", set: {}, remove: [":a"] }, seen: [] },
  "has seen #name": { key, change: { kind: "delete" }, seen: [{ path: ["m", "#a"], value: { S: "x" } }] },
  "has a key :k": { key: { ":k": { S: "a" } }, change: { kind: "delete" }, seen: [] },
  deletes: { key, change: { kind: "delete" }, seen: [] },
  "deletes what was seen": {
    key,
    change: { kind: "delete", before: { ...key, ...values } },
    seen: [...deep, ...seenOf(values)],
  },
  puts: { key, change: { kind: "put", item: { ...key, ...values } }, seen: [] },
  "is as long as can be": {
    key: { k: { S: "a" } },
    change: { kind: "update", set: {}, remove: ["x".repeat(8_192 - 38)] },
    seen: [],
  },
  "is too long": { key: { k: { S: "a" } }, change: { kind: "update", set: {}, remove: ["x".repeat(8_192)] }, seen: [] },
  "is too long in bytes": {
    key: { k: { S: "a" } },
    change: { kind: "update", set: {}, remove: ["ü".repeat(4_096)] },
    seen: [],
  },
};

test("statements, and requests of one item", async () => {
  const golden = [];
  for (const [name, write] of Object.entries(writes)) {
    const statement = statementOf('ta"ble', write);
    golden.push({
      name,
      write: plain({ ...write, seen: write.seen.map(seenJson) }),
      statement: statement === undefined ? null : plain(statement),
      request: plain(await requestSent(write)),
    });
  }
  expectGolden("writes", golden);
});

const seenJson = ({ path, value }: Seen) => ({ path: [...path], value: value ?? null });

async function requestSent(write: ConditionalWrite): Promise<object> {
  const stub = new StubClient(() => ({}));
  await requestOf("table", write)(stub.client, {});
  const [{ name, input }] = stub.sent as [Sent];
  return { operation: name.replace("Command", ""), input };
}

const lines: FailureRecord[] = [
  {
    key: { id: { S: 'Grüße 😀 "\n\u0001\u2028' } },
    code: "ITEM_TOO_LARGE",
    reason: 'It\nis "large" – ü.',
    attempts: 0,
  },
  {
    key: { id: { B: bytes(0, 255) }, n: { N: "1e5" } },
    code: "CONFLICT",
    reason: "",
    attempts: 4,
    item: { ...key, ...values },
  },
  { code: "UNREADABLE_LINE", reason: "It is no JSON.", attempts: 0, line: '{"a":\t' },
  { key: {}, code: "ValidationException", reason: "\\", attempts: 2, item: {} },
  { key: { half: { S: "\ud83d" } }, code: "HALF", reason: "\udc00", attempts: 1 },
];

test("lines of the list of failures", () => {
  const golden = lines.map((record) => ({ record: plain(record), line: failureLine(record) }));
  expectGolden("failureLines", golden);
});

test("how many writes go into a request, and how many requests are under way", () => {
  const costs = [null, 1_000, 10, 7.5, 7, 3, 0.6, 0.025, 1e-6];
  const pace = costs.map((ms) => {
    const size = batchSize(ms ?? undefined);
    const atOnce = [null, 5, 60, 900].map((requestMs) => ({
      requestMs,
      most: [1, 16, 32].map((most) => requestsAtOnce(ms ?? undefined, size, requestMs ?? undefined, most)),
    }));
    return { ms, size, atOnce };
  });
  const cost = new WriteCost(3);
  const limits = { table: 1_000, indexes: { byTag: 40 } };
  const reports = [
    { units: [], writes: 2 },
    { units: [{ Table: { CapacityUnits: 0 } }], writes: 1 },
    { units: [{ Table: { CapacityUnits: 2 }, GlobalSecondaryIndexes: { byTag: { CapacityUnits: 4 } } }], writes: 2 },
    { units: [{ CapacityUnits: 9 }, { CapacityUnits: 1 }], writes: 5 },
    { units: [{ Table: { CapacityUnits: 1 }, LocalSecondaryIndexes: { byDay: { CapacityUnits: 70 } } }], writes: 1 },
    { units: [{ CapacityUnits: 9 }], writes: 0 },
  ];
  const learned = [cost.ms(limits)!, ...reports.map(({ units, writes: count }) => learn(cost, units, count, limits))];
  expectGolden("writePace", { pace, limits, reports, learned } as unknown as Json);
});

function learn(cost: WriteCost, units: object[], count: number, limits: Parameters<WriteCost["ms"]>[0]): number {
  cost.learn(units as never, count);
  return cost.ms(limits)!;
}

test("whole pages: requests, results, and the objects that they leave", async () => {
  const golden = [];
  for (const scenario of scenarios) golden.push({ scenario, ...(await runScenario(scenario)) });
  expectGolden("writingPages", plain(golden));
});

describe("the Python package's objects in S3", () => {
  interface Left {
    readonly title: string;
    readonly objects: Readonly<Record<string, string>>;
  }
  const linesOf = (folder: string) =>
    pythonGolden<Left[]>("writtenObjects").flatMap(({ objects }) =>
      Object.entries(objects).flatMap(([key, text]) =>
        key.startsWith(`job/${folder}/`) ? text.split("\n").filter((line) => line.startsWith("{")) : [],
      ),
    );

  test("is a record that can be undone", () => {
    const records = linesOf("before").map((line) => recordIn(revived(JSON.parse(line))));
    expect(records.length).toBeGreaterThan(5);
    for (const record of records) {
      const before = record.change === "put" ? undefined : { ...record.key, ...record.before };
      expect(isAsBefore(record, before)).toBe(true);
      expect(undoVerdict(record, target, record.change === "put" ? record.item : undefined).do).toBe("write");
    }
  });

  test("is a failure that can be listed, and redone by its key", async () => {
    const lines = linesOf("failures");
    const body = gzipSync(lines.join("\n"));
    const s3 = { send: async () => ({ Body: { transformToByteArray: async () => body } }) } as unknown as S3Client;
    const store = { s3, bucket: "results", signal: new AbortController().signal, retry: retrying() };
    const failures = await readFailures(store, "failures");
    expect(failures.length).toBe(lines.length);
    for (const { key, line, code, reason, attempts } of failures) {
      expect([typeof code, typeof reason, typeof attempts]).toEqual(["string", "string", "number"]);
      expect((key === undefined) !== (line === undefined)).toBe(true);
    }
  });
});
