// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of updates.
/** What update, delete and copy decide on items, and what a dry run makes of these decisions. */
import { dynamoJson } from "../../shared/aws/dynamoJson";
import type { Item } from "../../shared/aws/itemSize";
import type { Json } from "../../shared/json";
import { copier } from "../../shared/operations/copy/copiedItem";
import { copyDecider } from "../../shared/operations/copy/copy";
import { deleteDecider } from "../../shared/operations/delete/delete";
import type { Params } from "../../shared/operations/operation";
import { updateDecider } from "../../shared/operations/update/update";
import type { TableSchema } from "../../shared/tables/schema";
import { dryRun, type LookUp } from "../../shared/writing/dryRun";
import { keyOf } from "../../shared/writing/itemKey";
import { keyText } from "../../shared/writing/keyText";
import { updateProblems } from "../../shared/writing/update/problems";
import { addWritten, nothingWritten, type Written } from "../../shared/writing/written";
import { arbitraryItem } from "../shared/aws/expressions/arbitraryConditions";
import { soundUpdate } from "../shared/writing/update/arbitraryUpdates";
import { orders } from "../shared/writing/update/tables";
import { expectGolden } from "../support/golden";
import { itemJson, sample } from "./arbitraryItems";
import { verdictText } from "./verdicts";

const JOB = "job-1";
/** What a decision needs to know besides the item. */
const ground = (params: Params, target = orders) => ({ params, target, job: JOB });

const binary = Uint8Array.of(0, 255);
const handmade: Item[] = [
  {},
  { Status: { S: "open" }, Timestamp: { N: "12" }, Old: { L: [] } },
  { Status: { S: "😀" }, Timestamp: { N: "1.50" }, GSISK: { S: "😀#1.50" } },
  {
    Status: { S: "open" },
    Timestamp: { N: "12" },
    GSISK: { S: "open#12" },
    New: { N: "1.0" },
    Tags: { SS: ["b", "a"] },
  },
  { Visits: { N: "1234567890123456789012345678901234567" }, b: { B: binary }, m: { M: { x: { L: [{ B: binary }] } } } },
  { Visits: { S: "1" }, "a.b": { S: "dotted" }, constructor: { S: "c" } },
  { Visits: { N: "9".repeat(38) }, By: { S: JOB }, GSIPK: { S: "" }, Rank: { N: "5" } },
  { By: { S: "job-0" }, Status: { S: "s".repeat(1_020) }, Timestamp: { N: "12345" } },
];
const items = [...handmade, ...sample(arbitraryItem, 16)].map(
  (item, i): Item => ({ id: { S: `item ${i}` }, sort: { S: "0" }, ...item }),
);

const declared: object[] = [
  { set: { GSISK: "${Status}#${Timestamp}", New: { N: "1" } }, remove: ["Old"], onlyIf: "attribute_not_exists(GSISK)" },
  { set: { GSISK: "${Status}#${Timestamp}", GSIPK: "${id}" } },
  { set: { GSIPK: "${a}", Rank: { N: "-0.5" } }, missing: "fail" },
  { set: { GSISK: "${Status}${Status}${Status}" }, missing: "fail" },
  { set: { Tags: { SS: ["a", "b"] }, New: { L: [{ N: "1.0" }] }, Photo: { B: "AP8=" }, Sizes: { BS: ["", "AP8="] } } },
  { set: { b: { B: "AP8=" }, m: { M: { x: { L: [{ B: "AP8=" }] } } } } },
  { add: { Visits: { N: "0.1" } }, marker: "By" },
  { add: { Visits: { N: "-1e125" } }, marker: "By", onlyIf: "attribute_exists(Visits)" },
  { set: { New: "${Old}" }, remove: ["Old", "a"], marker: "By" },
  {
    set: { "#d": "${#d}!", "#c": "${m.x[0]}" },
    marker: "#m",
    names: { "#d": "a.b", "#c": "constructor", "#m": "b.y" },
  },
  { remove: ["#d", "a"], names: { "#d": "a.b" }, onlyIf: "a = :v OR size(c) > :n", values: { ":v": "x", ":n": 1 } },
  { remove: ["a"], onlyIf: "contains(b, :s) OR m.x = b.y", typedValues: { ":s": { SS: ["a", "b"] } } },
  { remove: ["id2", "Status"], onlyIf: "id <> sort AND begins_with(id, :i)", values: { ":i": "item" } },
];

/** Parameters of jobs, each with the items that they decide on, by number. */
function spread<T>(all: readonly T[], itemsEach: number): { params: T; on: number[] }[] {
  return all.map((params, i) => ({
    params,
    on: [...items.keys()].filter((at) => at < handmade.length || (at + i) % 16 < itemsEach),
  }));
}

test("updates are decided on like this", () => {
  const updates = [...declared, ...sample(soundUpdate, 60)];
  for (const update of updates) expect(updateProblems(update, orders)).toEqual([]);
  const params = [
    ...updates.map((update) => ({ update })),
    { update: { set: { a: { S: "x" } }, marker: "By" }, markerValue: "job-0" },
  ];
  expectGolden("updates", {
    schema: { ...orders } as never,
    job: JOB,
    items: items.map(dynamoJson),
    cases: spread(params, 3).map(({ params, on }) => {
      const decide = updateDecider(ground(params));
      return { params: params as Json, verdicts: on.map((at) => [at, verdictText(decide(items[at]!))]) };
    }),
  });
});

test("large items are decided on like this", () => {
  const update = { set: { GSISK: "${Status}", Padding: { S: "x".repeat(100) } }, remove: ["Old"] };
  const item: Item = { id: { S: "1" }, sort: { S: "1" }, Status: { S: "open" }, Old: { S: "12345" } };
  const base = { id: { S: "1" }, sort: { S: "1" }, Status: { S: "open" } };
  const cases: Json[] = [];
  for (const length of [1, 409_440, ...[...Array(30).keys()].map((more) => 409_455 + more), 409_600]) {
    const text = { S: "x".repeat(length) };
    const decided = verdictText(updateDecider(ground({ update }))({ ...item, text }));
    const copied = copier(undefined, orders)({ ...base, text });
    cases.push({ length, decided, copied: "do" in copied ? ({ ...copied } as Json) : "made" });
  }
  for (const [key, length] of [
    ["GSIPK", 2_048],
    ["GSIPK", 2_049],
    ["GSISK", 1_024],
    ["GSISK", 1_025],
  ] as const) {
    const decide = updateDecider(ground({ update: { set: { [key]: "${text}" } } }));
    cases.push({ key, length, decided: verdictText(decide({ ...base, text: { S: "x".repeat(length) } })) });
  }
  expectGolden("largeItems", { schema: { ...orders } as never, job: JOB, update, item: itemJson(item), base, cases });
});

test("deletions are decided on like this", () => {
  const params = [
    {},
    { keepBefore: true },
    { onlyIf: "attribute_exists(a)" },
    { onlyIf: "attribute_exists(a) AND m.x[0] <> b AND id <> sort", keepBefore: true },
    { onlyIf: "#d = :v OR contains(c, :v)", names: { "#d": "a.b" }, values: { ":v": "a" } },
    { onlyIf: "b = :v", typedValues: { ":v": { B: "AP8=" } } },
  ];
  const wide = Object.fromEntries([...Array(120).keys()].map((i) => [`a${i}`, { S: "" }]));
  const all = [...items, { id: { S: "wide" }, sort: { S: "0" }, ...wide }];
  expectGolden("deletions", {
    schema: { ...orders } as never,
    items: all.map(dynamoJson),
    cases: params.map((each) => {
      const decide = deleteDecider(ground(each));
      return { params: each as Json, verdicts: all.map((item) => verdictText(decide(item))) };
    }),
  });
});

test("copies are decided on like this", () => {
  const copies: TableSchema = {
    name: "copies",
    keys: ["pk", "rank"],
    keyTypes: { pk: "S", rank: "N" },
    indexes: [
      { name: "by-a", kind: "global", keys: ["a"], projection: "ALL" },
      { name: "by-rank", kind: "global", keys: ["Status", "pk"], projection: "ALL" },
    ],
  };
  const rank = { N: "1" };
  const transforms = [
    undefined,
    { remove: ["Old"] },
    { set: { pk: "${Status}#${id}", rank }, remove: ["Status"] },
    { set: { pk: "${a}", rank }, missing: "fail" },
    { set: { pk: "${id}", rank }, onlyIf: "attribute_exists(a)" },
    { set: { pk: "${id}", rank: { S: "1" } } },
    { set: { pk: { B: "AP8=" }, rank, a: { N: "1" } } },
    { set: { pk: "${id}", rank, a: { N: "1" } } },
    { set: { pk: "${id}", rank, a: "" } },
    { set: { pk: "", rank } },
    { set: { pk: { S: "x".repeat(2_049) }, rank } },
    { set: { pk: "${id}", rank }, marker: "By" },
    ...sample(soundUpdate, 10).map((update) => ({ ...update, set: { ...update.set, pk: "${id}", rank } })),
  ];
  const there = [...items.slice(0, 6), { ...items[0]!, pk: { S: "item 0" }, rank: { N: "1.0" } }];
  expectGolden("copies", {
    schemas: [{ ...orders } as never, { ...copies } as never],
    job: JOB,
    items: items.map(dynamoJson),
    there: there.map(dynamoJson),
    cases: transforms.flatMap((transform, i) =>
      [orders, copies].map((target, schema) => {
        const params = { ifAbsent: true, ...(transform && { transform }) };
        const decide = copyDecider(ground(params, target));
        const on = [...items.keys()].filter((at) => (at + i) % 4 === 0 || at < 2);
        const verdicts = on.map((at) => {
          const verdict = decide(items[at]!);
          const met = verdict.do === "write" ? there.map((item) => verdictText(verdict.met!(item))) : [];
          return [at, verdictText(verdict), met];
        });
        return { params: params as Json, schema, verdicts };
      }),
    ),
  });
});

test("a dry run finds this", async () => {
  const large = { id: { S: "large" }, sort: { S: "0" }, text: { S: "é".repeat(800) }, b: { B: binary }, n: { N: "1" } };
  // The last two have the key of an earlier item, as it is and changed.
  const all = [...items, large, large, { ...large, n: { N: "2" } }];
  const existing = items.flatMap((item, at) => {
    if (at % 3 === 0) return [item];
    return at % 3 === 1 ? [{ ...item, padding: { S: "x".repeat(600 * at) } }] : [];
  });
  const runs = [
    { kind: "update", decide: updateDecider(ground({ update: declared[0] })), params: { update: declared[0] } },
    { kind: "update", decide: updateDecider(ground({ update: declared[2] })), params: { update: declared[2] } },
    {
      kind: "delete",
      decide: deleteDecider(ground({ onlyIf: "attribute_exists(id)" })),
      params: { onlyIf: "attribute_exists(id)" },
    },
    { kind: "copy", decide: copyDecider(ground({})), params: {} },
    { kind: "copy", decide: copyDecider(ground({ ifAbsent: true })), params: { ifAbsent: true }, there: existing },
  ];
  const cases: Json[] = [];
  for (const { kind, decide, params, there } of runs) {
    const asked: string[][] = [];
    const lookUp = there && lookingIn(there, asked);
    const options = { decide, keyOf: (item: Item) => keyOf(item, orders), target: orders, lookUp };
    const first = await dryRun(all.slice(0, 15), options);
    const second = await dryRun(all.slice(15), options, first.examples);
    const settled = [...first.settled, ...second.settled].map(({ key, outcome, failure }) =>
      JSON.stringify({ key: itemJson(key), outcome, ...(failure && { failure }) }),
    );
    cases.push({
      kind,
      params: params as Json,
      ...(there && { there: there.map(dynamoJson), asked }),
      settled,
      consumed: [{ ...first.consumed }, { ...second.consumed }] as Json,
      examples: second.examples.map((example) => JSON.stringify(example)),
    });
  }
  expectGolden("dryRuns", {
    schema: { ...orders } as never,
    job: JOB,
    items: all.map(dynamoJson),
    cases,
  });
});

/** Reads from these items. @param asked gets the keys of each call. */
function lookingIn(there: readonly Item[], asked: string[][]): LookUp {
  const byKey = new Map(there.map((item) => [keyText(keyOf(item, orders)), item]));
  return async (keys) => {
    asked.push(keys.map(dynamoJson));
    return new Map(keys.flatMap((key) => entryOf(byKey, keyText(key))));
  };
}

function entryOf(items: ReadonlyMap<string, Item>, id: string): [string, Item][] {
  const item = items.get(id);
  return item === undefined ? [] : [[id, item]];
}

test("results add up to this", () => {
  const a: Written = {
    outcomes: { updated: 1, already: 2, skipped: 3, conflict: 4, gone: 5, failed: 6 },
    consumed: { table: 1.5, indexes: { a: 2, constructor: 1 } },
    failures: { CONFLICT: 4, ITEM_TOO_LARGE: 6 },
    failureObjects: 1,
    beforeObjects: 2,
    examples: [...Array(15).keys()].map((i) => ({ before: { i: { N: String(i) } } })),
  };
  const b: Written = { ...a, consumed: { table: 3 }, failures: { KEY_INVALID: 1, CONFLICT: 1 } };
  const c: Written = { ...nothingWritten, consumed: { table: 0.5, indexes: { b: 1 } }, lookupRcu: 2.5 };
  const all = [nothingWritten, a, b, c];
  const pairs = all.flatMap((left) => all.map((right) => [left, right] as const));
  expectGolden(
    "written",
    pairs.map(([left, right]) => [left, right, addWritten(left, right)].map((each) => JSON.stringify(each))),
  );
});
