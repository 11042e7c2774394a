/** Page sizes, segments, samples, requests and cursors of the source `table`, for the Python package. */
import type { DynamoDBClient, ScanCommandInput, ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import type { Json } from "../../shared/json";
import { isInSample, pageLines } from "../../shared/sources/linePages";
import type { Cursor, PageBudget, ReadBefore } from "../../shared/sources/source";
import { PageSize, pageRcu } from "../../shared/sources/table/pageSize";
import { segmentOf, segmentsOfSample } from "../../shared/sources/table/segments";
import type { TableSpec } from "../../shared/sources/table/spec";
import { TableScan } from "../../shared/sources/table/tableScan";
import { identityOf } from "../../shared/tables/identity";
import { expectGolden } from "../support/golden";
import { seeded } from "../support/simulation/chance";

const budgetOf = (read?: number, write?: number, most?: number): PageBudget => ({
  perSecond: (direction) => (direction === "read" ? read : write),
  mostItems: () => most,
});

const RATES = [0.01, 0.1, 1, 5, 14.8, 15, 20, 49, 99, 100, 200, 319, 320, 400, 1_000, 2_560, 40_000];

test("page costs", () => {
  expectGolden(
    "page-costs",
    RATES.flatMap((rate) => [1, 2].map((strength) => ({ rate, strength, rcu: pageRcu(rate, strength) }))),
  );
});

/** Sizes of pages while the rate, the time and the items change. */
function pageSizes(seed: number): Json {
  const random = seeded(seed);
  const consistentRead = random() < 0.3;
  const averageBytes = random() < 0.7 ? Math.ceil(random() * 20_000) : 0;
  const read = {
    pages: Math.floor(random() * 9),
    scannedItems: Math.floor(random() * 900),
    items: 0,
    rcu: random() * 40,
  };
  read.items = Math.floor(random() * read.scannedItems);
  const before: ReadBefore = random() < 0.4 ? read : { pages: 0, scannedItems: 0, items: 0, rcu: 0 };
  let [rate, most]: (number | undefined)[] = [undefined, undefined];
  const size = new PageSize({
    budget: { perSecond: () => rate, mostItems: (passed = 1) => most && Math.floor(most / passed) },
    consistentRead,
    averageBytes,
    before,
  });
  const steps: Json[] = [];
  for (let step = 0; step < 12; step++) {
    rate = random() < 0.1 ? undefined : RATES[Math.floor(random() * RATES.length)]!;
    most = random() < 0.2 ? Math.ceil(random() * 300) : undefined;
    const items = size.items() ?? null;
    const scanned = random() < 0.1 ? 0 : Math.ceil(random() * (items ?? 2_000));
    const rcu = (Math.ceil((scanned * (averageBytes + 100)) / 4096) * (consistentRead ? 2 : 1)) / 2;
    const passed = Math.floor(random() * (scanned + 1));
    size.observe(scanned, rcu, passed);
    steps.push({ rate: rate ?? null, most: most ?? null, items, scanned, rcu, passed });
  }
  return { consistentRead, averageBytes, before: { ...before }, steps };
}

test("page sizes", () => {
  expectGolden(
    "page-sizes",
    Array.from({ length: 60 }, (_, seed) => pageSizes(seed)),
  );
});

test("lines of a page", () => {
  const cases: Json[] = [];
  for (const write of [undefined, 0.5, 10, 25, 26.7, 400, 5_000]) {
    for (const most of [undefined, 1, 30, 2_000]) {
      const lines = pageLines(budgetOf(undefined, write, most));
      cases.push({ write: write ?? null, most: most ?? null, lines });
    }
  }
  expectGolden("page-lines", cases);
});

test("segments and samples", () => {
  const segments: Json[] = [[0, 1] as const, [3, 7] as const, [99_999, 100_000] as const].map(([unit, units]) => {
    return { unit, units, sample: null, segment: segmentOf(unit, units, undefined) };
  });
  const lines: Json[] = [];
  for (const share of [0.001, 0.01, 0.1, 1 / 3, 0.5, 0.99]) {
    for (const seed of ["01JOB", "é 🦊", ""]) {
      const sample = { share, seed };
      for (const [unit, units] of [[0, 1] as const, [2, 10] as const, [999, 1_000] as const]) {
        const all = segmentsOfSample(units, sample);
        segments.push({ unit, units, sample, segment: segmentOf(unit, units, sample), all });
      }
      const places = [0, 1, 7, 12_345].flatMap((line) => [0, 3].map((part) => ({ part, line })));
      lines.push({ sample, unit: 5, places, in: places.map((place) => isInSample(sample, 5, place)) });
    }
  }
  expectGolden("samples", { segments, lines });
});

const scans: [Partial<TableSpec>, Cursor | undefined, Partial<ScanCommandOutput>, number?][] = [
  [{}, undefined, {}],
  [{}, { id: { S: "m" } }, { Items: [{ id: { S: "n" } }], ScannedCount: 7, LastEvaluatedKey: { id: { S: "n" } } }, 400],
  [{ consistentRead: true }, undefined, { ScannedCount: 3, ConsumedCapacity: { CapacityUnits: 3 } }, 12],
  [{ sample: { share: 0.1, seed: "x" } }, undefined, { ScannedCount: 9, ConsumedCapacity: { CapacityUnits: 2.5 } }, 90],
  [
    { index: "byAge", filter: "#a > :a", projection: "id, #a", names: { "#a": "age" }, values: { ":a": { N: "5" } } },
    { age: { N: "1" }, id: { B: "aGk=" } },
    { LastEvaluatedKey: { id: { B: Uint8Array.of(104, 255, 0) }, age: { N: "-1.5E+3" } } },
  ],
  [{}, undefined, { LastEvaluatedKey: { B: { B: Uint8Array.of(1) }, BS: { S: 'é"\u2028' } } }],
];

/** The request of a page, and the page that an answer makes. The answer's binary values are base64, as on the wire. */
async function scanned([spec, cursor, output, rate]: (typeof scans)[number]): Promise<Json> {
  let input: ScanCommandInput | undefined;
  const send = async (command: { input: ScanCommandInput }) => {
    input = command.input;
    return structuredClone(output);
  };
  const whole: TableSpec = { kind: "table", table: "answers", consistentRead: false, ...spec };
  const tools = {
    dynamodb: { send } as unknown as DynamoDBClient,
    s3: {} as never,
    budget: budgetOf(rate),
    retry: <T>(call: () => Promise<T>) => call(),
  };
  const scan = new TableScan({ spec: whole, unit: 2, units: 4, averageBytes: 4096 }, tools);
  const page = await scan.read(cursor, new AbortController().signal);
  return plain({ spec: whole, cursor: cursor ?? null, rate: rate ?? null, output, input, page });
}

/** As JSON, with binary values as base64. */
function plain(value: unknown): Json {
  const text = JSON.stringify(value, (_, each) =>
    isBytes(each) ? Buffer.from(Object.values(each)).toString("base64") : each,
  );
  return JSON.parse(text) as Json;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

test("requests and pages of a scan", async () => {
  expectGolden("scan-pages", await Promise.all(scans.map(scanned)));
});

test("identities of tables", () => {
  const CreationDateTime = new Date(1_700_000_000_123);
  const byAge = {
    IndexName: "byAge",
    KeySchema: [
      { AttributeName: "age", KeyType: "HASH" },
      { AttributeName: "é", KeyType: "RANGE" },
    ],
    Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["ü", "\ufb01", "🦊", "b", "B", "a\u2028"] },
  } as const;
  const local = { IndexName: "local", KeySchema: [], Projection: { ProjectionType: "KEYS_ONLY" } } as const;
  const whole = { TableArn: "arn:aws:dynamodb:eu-central-1:1:table/a", TableId: "0a1b", CreationDateTime };
  const indexes = { GlobalSecondaryIndexes: [{ IndexName: "other" }, byAge], LocalSecondaryIndexes: [local] };
  const cases = ([{}, whole, indexes, { ...whole, ...indexes }] as object[]).flatMap((table) =>
    [undefined, "byAge", "local", "none"].map((index) => ({
      table,
      index,
      identity: identityOf(mutable(table), index),
    })),
  );
  expectGolden("table-identities", JSON.parse(JSON.stringify(cases)) as Json);
});

function mutable(table: object): Parameters<typeof identityOf>[0] {
  return table as Parameters<typeof identityOf>[0];
}
