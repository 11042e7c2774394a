import {
  checkedDispatch,
  checkedResume,
  readParams,
  readRate,
  startForm,
  startOptions,
} from "../../../shared/jobs/startRequest";
import { Unreadable } from "../../../shared/requestOption";
import { problemsOf, request } from "../../support/startRequest";

const problems = (given: unknown) => startForm(given).problems;
const defaults = { segments: "auto", consistentRead: false };

test("a minimal request is completed with defaults", () => {
  expect(startForm(request())).toEqual({
    problems: [],
    given: new Set(["table", "operation", "readRate"]),
    sound: { ...request(), ...defaults },
  });
});

test.each<[string, Record<string, unknown>]>([
  ["a share of what the table has", { readRate: "12.5%" }],
  ["all of it", { readRate: "100%" }],
  ["less than one unit a second", { readRate: 0.5 }],
  ["the least rate", { readRate: 0.001, writeRate: 0.001 }],
  ["a rate of writing", { writeRate: "50%" }],
  ["a shared rate", { limitGroup: "nightly-1_B" }],
  ["the most segments", { segments: 100_000 }],
  [
    "everything at once",
    { index: "by-date", consistentRead: true, filter: "#a = :b", projection: "#a", jobId: "a-1_B" },
  ],
  ["names and values of any JSON", { names: { "#a": "a.b c" }, values: { ":b": { deep: [1, null, "x"] } } }],
  ["params of any JSON", { operation: "mine", params: { deep: [{ a: 1 }] } }],
  ["params of any name", { operation: "mine", params: { constructor: "a", prototype: "b" } }],
  ["options of an export", { operation: "export", exportPrefix: "nightly/", format: "json" }],
])("accepted: %s", (_, changes) => {
  expect(startForm(request(changes))).toMatchObject({ problems: [], sound: changes });
});

describe("problems are reported in plain sentences", () => {
  test.each<[unknown, string]>([
    [undefined, "The request must be an object, got nothing."],
    [null, "The request must be an object, got null."],
    ["count", 'The request must be an object, got "count".'],
    [[], "The request must be an object, got []."],
  ])("a request of %j", (given, sentence) => {
    expect(problems(given)).toEqual([sentence]);
  });

  const RATE = 'must be at least 0.001 capacity units per second or a percentage such as "50%"';
  const SEGMENTS = 'segments must be "auto" or a whole number from 1 to 100000';
  const ID = "jobId must be 1 to 64 letters, digits, - and _";
  test.each<[Record<string, unknown>, string]>([
    [{ table: undefined }, "table must be given."],
    [{ table: 5 }, "table must be text, got 5."],
    [{ table: "a b" }, 'table must be 3 to 255 letters, digits, _ - and ., got "a b".'],
    [{ operation: "" }, 'operation must not be empty, got "".'],
    [{ readRate: null }, `readRate ${RATE}, got null.`],
    [{ readRate: [] }, `readRate ${RATE}, got [].`],
    [{ readRate: { rcu: 5 } }, `readRate ${RATE}, got {"rcu":5}.`],
    [{ readRate: 0 }, `readRate ${RATE}, got 0.`],
    [{ readRate: 0.000999 }, `readRate ${RATE}, got 0.000999.`],
    [{ writeRate: 1e-300 }, `writeRate ${RATE}, got 1e-300.`],
    [{ readRate: -1 }, `readRate ${RATE}, got -1.`],
    [{ readRate: Number.NaN }, `readRate ${RATE}, got null.`],
    [{ readRate: Number.POSITIVE_INFINITY }, `readRate ${RATE}, got null.`],
    [{ readRate: "50" }, `readRate ${RATE}, got "50".`],
    [{ readRate: "half" }, `readRate ${RATE}, got "half".`],
    [{ readRate: "0%" }, 'readRate must be above 0% and at most 100%, got "0%".'],
    [{ readRate: "100.5%" }, 'readRate must be above 0% and at most 100%, got "100.5%".'],
    [{ writeRate: 0 }, `writeRate ${RATE}, got 0.`],
    [{ writeRate: "101%" }, 'writeRate must be above 0% and at most 100%, got "101%".'],
    [{ limitGroup: "a/b" }, 'limitGroup must be 1 to 64 letters, digits, - and _, got "a/b".'],
    [{ limitGroup: "" }, 'limitGroup must be 1 to 64 letters, digits, - and _, got "".'],
    [{ rate: 5 }, "rate is not an option of a start request."],
    [{ segments: 0 }, `${SEGMENTS}, got 0.`],
    [{ segments: 100_001 }, `${SEGMENTS}, got 100001.`],
    [{ segments: 1.5 }, `${SEGMENTS}, got 1.5.`],
    [{ segments: "8" }, `${SEGMENTS}, got "8".`],
    [{ segments: null }, `${SEGMENTS}, got null.`],
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
    [{ totalSegments: 5 }, "totalSegments is not an option of a start request."],
    [{ "": 5 }, '"" is not an option of a start request.'],
  ])("%j", (changes, sentence) => {
    expect(problems(request(changes))).toEqual([sentence]);
  });
});

test("all problems are listed, each once", () => {
  const given = {
    operation: "count",
    readRate: "200%",
    writeRate: 0,
    limitGroup: "a b",
    segments: 0,
    jobId: "?",
    segment: 1,
    shards: 2,
  };
  expect(problems(given).map((sentence) => sentence.split(" ")[0])).toEqual([
    "table",
    "readRate",
    "writeRate",
    "limitGroup",
    "segments",
    "jobId",
    "segment",
    "shards",
  ]);
});

describe("valid options are kept beside wrong ones", () => {
  const { table, operation, readRate } = request();
  test.each<[string, unknown, object]>([
    ["no object", "count", {}],
    ["nothing right", { table: 5, operation: "", segments: 0, consistentRead: 1, foo: 1 }, {}],
    ["something missing", { operation, readRate }, { operation, readRate, ...defaults }],
    [
      "something malformed",
      request({ table: "?", index: "by-date" }),
      { operation, readRate, index: "by-date", ...defaults },
    ],
    ["a key malformed", request({ values: { ":a": 1, b: 2 } }), { table, operation, readRate, ...defaults }],
    ["an unknown option", request({ foo: 1 }), { table, operation, readRate, ...defaults }],
    ["a rate malformed", request({ readRate: "half" }), { table, operation, ...defaults }],
  ])("%s", (_, given, sound) => {
    const form = startForm(given);
    expect(form.problems).not.toEqual([]);
    expect(form.sound).toEqual(sound);
  });

  test("a valid rate beside a malformed one", () => {
    const { sound } = startForm(request({ readRate: "50%", writeRate: 0 }));
    expect(sound).toMatchObject({ readRate: "50%" });
    expect(sound).not.toHaveProperty("writeRate");
  });

  test("a malformed option counts as given", () => {
    const { given } = startForm({ table: "orders", filter: 5, names: null, index: undefined });
    expect(given).toEqual(new Set(["table", "filter", "names"]));
  });
});

test("a long value is shown in part, a short one in full", () => {
  const [sentence] = problems(request({ jobId: "x".repeat(5_000) }));
  expect(sentence).toMatch(/, got "x{199}…\.$/);
  const [long] = problems(request({ ["x".repeat(5_000)]: 1 }));
  expect(long!.length).toBeLessThan(300);
});

describe("a request to resume", () => {
  test("names a job, and the epoch that the sender has seen", () => {
    expect(checkedResume({ resume: "nightly-1" })).toEqual({ resume: "nightly-1" });
    expect(checkedResume({ resume: "nightly-1", epoch: 2 })).toEqual({ resume: "nightly-1", epoch: 2 });
  });

  test.each<[string, unknown, string[]]>([
    ["a name that no job can have", { resume: "a b" }, ['resume must be 1 to 64 letters, digits, - and _, got "a b".']],
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

describe("a request to dispatch", () => {
  test("names a job and its epoch", () => {
    expect(checkedDispatch({ dispatch: "nightly-1", epoch: 2 })).toEqual({ dispatch: "nightly-1", epoch: 2 });
  });

  test.each<[unknown, string[]]>([
    [{ dispatch: "a b", epoch: 0 }, ["dispatch"]],
    [{ dispatch: "a", epoch: -1 }, ["epoch"]],
    [{ dispatch: "a", epoch: 0.5 }, ["epoch"]],
    [{ dispatch: "a" }, ["epoch"]],
    [{ dispatch: "a", epoch: "0" }, ["epoch"]],
    [{ dispatch: "a", epoch: 0, from: 0 }, ["from"]],
  ])("%j is refused", (given, options) => {
    expect(problemsOf(() => checkedDispatch(given)).map((sentence) => sentence.split(" ")[0])).toEqual(options);
  });
});

describe("the typed text", () => {
  test.each([
    ["5", 5],
    ["0.5", 0.5],
    ["50%", "50%"],
    ["12.5%", "12.5%"],
  ])("a rate %s", (given, rate) => expect(readRate(given)).toBe(rate));

  test.each(["half", "", "5 %", "%", "-5%"])("no rate %j", (given) => {
    expect(readRate(given)).toEqual(new Unreadable("capacity units per second or a percentage such as 50%"));
  });

  test("params are read unchanged, and refused if they would lose digits", () => {
    expect(readParams('{"width":0.5}')).toEqual({ width: 0.5 });
    expect(readParams("[1]")).toEqual(new Unreadable("a JSON object"));
    expect(readParams('{"width":0.12345678901234567890}')).toEqual(
      new Unreadable(
        "JSON without numbers that have more digits than JSON keeps, such as 0.12345678901234567890; give it as text",
      ),
    );
    expect(startOptions.params.read).toBe(readParams);
  });
});
