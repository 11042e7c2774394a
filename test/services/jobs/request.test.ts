import { checkedResume, startForm } from "../../../services/jobs/request";
import { problemsOf, request } from "./requests";

const problems = (given: unknown) => startForm(given).problems;
const defaults = { totalSegments: "auto", consistentRead: false };

test("a request of the least is filled up with defaults", () => {
  expect(startForm(request())).toEqual({
    problems: [],
    given: new Set(["table", "operation", "rate"]),
    sound: { ...request(), ...defaults },
  });
});

test.each<[string, Record<string, unknown>]>([
  ["a share of what the table has", { rate: { rcu: "12.5%" } }],
  ["all of it", { rate: { rcu: "100%" } }],
  ["less than one unit a second", { rate: { rcu: 0.5 } }],
  ["the most segments", { totalSegments: 100_000 }],
  [
    "everything at once",
    { index: "by-date", consistentRead: true, filter: "#a = :b", projection: "#a", jobId: "a-1_B" },
  ],
  ["names and values of any JSON", { names: { "#a": "a.b c" }, values: { ":b": { deep: [1, null, "x"] } } }],
  ["params of any JSON", { operation: "mine", params: { deep: [{ a: 1 }] } }],
  ["options of an export", { operation: "export", exportPrefix: "nightly/", format: "json" }],
])("accepted: %s", (_, changes) => {
  expect(startForm(request(changes))).toMatchObject({ problems: [], sound: changes });
});

describe("what is wrong is said in sentences that a person understands", () => {
  test.each<[unknown, string]>([
    [undefined, "The request must be an object, got nothing."],
    [null, "The request must be an object, got null."],
    ["count", 'The request must be an object, got "count".'],
    [[], "The request must be an object, got []."],
  ])("a request of %j", (given, sentence) => {
    expect(problems(given)).toEqual([sentence]);
  });

  const RATE = 'rate must be an object such as { "rcu": 100 } or { "rcu": "50%" }';
  const RCU = 'rate.rcu must be a number of RCU/s above 0 or a percentage such as "50%"';
  const SEGMENTS = 'totalSegments must be "auto" or a whole number from 1 to 100000';
  const ID = "jobId must be 1 to 64 letters, digits, - and _";
  test.each<[Record<string, unknown>, string]>([
    [{ table: undefined }, "table must be given."],
    [{ table: 5 }, "table must be text, got 5."],
    [{ table: "a b" }, 'table must be 3 to 255 letters, digits, _ - and ., got "a b".'],
    [{ operation: "" }, 'operation must not be empty, got "".'],
    [{ rate: undefined }, "rate must be given."],
    [{ rate: 100 }, `${RATE}, got 100.`],
    [{ rate: "50%" }, `${RATE}, got "50%".`],
    [{ rate: null }, `${RATE}, got null.`],
    [{ rate: [] }, `${RATE}, got [].`],
    [{ rate: {} }, "rate.rcu must be given."],
    [{ rate: { rcu: 5, wcu: 5 } }, "rate.wcu is not an option of a start request."],
    [{ rate: { rcu: 0 } }, `${RCU}, got 0.`],
    [{ rate: { rcu: -1 } }, `${RCU}, got -1.`],
    [{ rate: { rcu: Number.NaN } }, `${RCU}, got null.`],
    [{ rate: { rcu: null } }, `${RCU}, got null.`],
    [{ rate: { rcu: {} } }, `${RCU}, got {}.`],
    [{ rate: { rcu: "50" } }, `${RCU}, got "50".`],
    [{ rate: { rcu: "half" } }, `${RCU}, got "half".`],
    [{ rate: { rcu: "0%" } }, 'rate.rcu must be above 0% and at most 100%, got "0%".'],
    [{ rate: { rcu: "100.5%" } }, 'rate.rcu must be above 0% and at most 100%, got "100.5%".'],
    [{ totalSegments: 0 }, `${SEGMENTS}, got 0.`],
    [{ totalSegments: 100_001 }, `${SEGMENTS}, got 100001.`],
    [{ totalSegments: 1.5 }, `${SEGMENTS}, got 1.5.`],
    [{ totalSegments: "8" }, `${SEGMENTS}, got "8".`],
    [{ totalSegments: null }, `${SEGMENTS}, got null.`],
    [{ index: "" }, 'index must be 3 to 255 letters, digits, _ - and ., got "".'],
    [{ consistentRead: "yes" }, 'consistentRead must be true or false, got "yes".'],
    [{ filter: "" }, 'filter must not be empty, got "".'],
    [{ projection: ["a"] }, 'projection must be text, got ["a"].'],
    [{ names: "a" }, 'names must be an object, got "a".'],
    [{ names: [] }, "names must be an object, got []."],
    [{ names: { status: "status" } }, 'names must have keys such as "#name", got "status".'],
    [{ names: { "": "status" } }, 'names must have keys such as "#name", got "".'],
    [{ names: { "#status": 5 } }, "names.#status must be text, got 5."],
    [{ values: [1] }, "values must be an object, got [1]."],
    [{ values: { min: 1 } }, 'values must have keys such as ":value", got "min".'],
    [{ format: "csv" }, 'format must be dynamodb-json or json, got "csv".'],
    [{ params: [] }, "params must be an object, got []."],
    [{ jobId: "nightly export" }, `${ID}, got "nightly export".`],
    [{ jobId: 5 }, `${ID}, got 5.`],
    [{ segments: 5 }, "segments is not an option of a start request."],
    [{ "": 5 }, '"" is not an option of a start request.'],
  ])("%j", (changes, sentence) => {
    expect(problems(request(changes))).toEqual([sentence]);
  });
});

test("all problems are listed, each once", () => {
  const given = {
    operation: "count",
    rate: { rcu: "200%", wcu: 1, unit: "RCU" },
    totalSegments: 0,
    jobId: "?",
    segment: 1,
    shards: 2,
  };
  expect(problems(given).map((sentence) => sentence.split(" ")[0])).toEqual([
    "table",
    "rate.rcu",
    "rate.wcu",
    "rate.unit",
    "totalSegments",
    "jobId",
    "segment",
    "shards",
  ]);
});

describe("what is right is kept beside what is wrong", () => {
  const { table, operation, rate } = request();
  test.each<[string, unknown, object]>([
    ["no object", "count", {}],
    ["nothing right", { table: 5, operation: "", totalSegments: 0, consistentRead: 1, foo: 1 }, {}],
    ["something missing", { operation, rate }, { operation, rate, ...defaults }],
    [
      "something malformed",
      request({ table: "?", index: "by-date" }),
      { operation, rate, index: "by-date", ...defaults },
    ],
    ["a key malformed", request({ values: { ":a": 1, b: 2 } }), { table, operation, rate, ...defaults }],
    ["an option that there is not", request({ foo: 1 }), { table, operation, rate, ...defaults }],
    ["a rate without its rcu", request({ rate: { wcu: 5 } }), { table, operation, ...defaults }],
  ])("%s", (_, given, sound) => {
    const form = startForm(given);
    expect(form.problems).not.toEqual([]);
    expect(form.sound).toEqual(sound);
  });

  test("a rate beside what it has too much", () => {
    expect(startForm(request({ rate: { rcu: "50%", wcu: 5 } })).sound.rate).toMatchObject({ rcu: "50%" });
  });

  test("what is malformed is given all the same", () => {
    const { given } = startForm({ table: "orders", filter: 5, names: null, index: undefined });
    expect(given).toEqual(new Set(["table", "filter", "names"]));
  });
});

test("what was given is shown in part only where it is long", () => {
  const [sentence] = problems(request({ jobId: "x".repeat(5_000) }));
  expect(sentence).toMatch(/, got "x{199}…\.$/);
  const [long] = problems(request({ ["x".repeat(5_000)]: 1 }));
  expect(long!.length).toBeLessThan(300);
});

describe("a request to resume", () => {
  test("names a job", () => expect(checkedResume({ resume: "nightly-1" })).toBe("nightly-1"));

  test.each<[string, unknown, string[]]>([
    ["no name of a job", { resume: "a b" }, ['resume must be 1 to 64 letters, digits, - and _, got "a b".']],
    ["no text", { resume: 5 }, ["resume must be 1 to 64 letters, digits, - and _, got 5."]],
    [
      "a start as well",
      { resume: "a", table: "orders", operation: "count" },
      ["table is not an option of a request to resume.", "operation is not an option of a request to resume."],
    ],
    ["nothing", null, ["The request must be an object, got null."]],
  ])("%s", (_, given, sentences) => {
    expect(problemsOf(() => checkedResume(given))).toEqual(sentences);
  });
});
