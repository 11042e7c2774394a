import { newJobId, type StartFlags, startRequest } from "../../../cli/scan/request";

const least: StartFlags = { operation: "count", rate: "100" };
const started = { table: "surveys", operation: "count", rate: { rcu: 100 }, jobId: "made-up" };

test.each<[string, Partial<StartFlags>, object]>([
  ["only what is needed", {}, {}],
  ["a rate with a fraction", { rate: "0.5" }, { rate: { rcu: 0.5 } }],
  ["a share as it was typed", { rate: "12.5%" }, { rate: { rcu: "12.5%" } }],
  ["segments", { segments: "64" }, { totalSegments: 64 }],
  ["automatic segments", { segments: "auto" }, { totalSegments: "auto" }],
  ["an index, read consistently", { index: "by-date", consistent: true }, { index: "by-date", consistentRead: true }],
  [
    "expressions",
    { filter: "#q > :q", projection: "#q", names: '{"#q":"q1"}', values: '{":q":3}' },
    { filter: "#q > :q", projection: "#q", names: { "#q": "q1" }, values: { ":q": 3 } },
  ],
  [
    "an export's place and form",
    { operation: "export", exportPrefix: "nightly/", format: "json" },
    { operation: "export", exportPrefix: "nightly/", format: "json" },
  ],
  [
    "the params of an own operation",
    { operation: "histogram", params: '{"attribute":"q1"}' },
    { operation: "histogram", params: { attribute: "q1" } },
  ],
  ["an id of the operator's", { jobId: "nightly" }, { jobId: "nightly" }],
  ["values the start function is to judge", { rate: "-1", segments: "0" }, { rate: { rcu: -1 }, totalSegments: 0 }],
])("the request has %s", (_, flags, expected) => {
  expect(startRequest("surveys", { ...least, ...flags }, "made-up")).toEqual({ ...started, ...expected });
});

test.each<[string, Partial<StartFlags>, RegExp]>([
  ["a rate that is no number", { rate: "fast" }, /^--rate must be RCU\/s or a percentage such as 50%, got fast\.$/],
  ["an empty rate", { rate: "" }, /^--rate/],
  ["a percentage of nothing", { rate: "%" }, /^--rate/],
  ["segments that are no number", { segments: "many" }, /^--segments .* got many\.$/],
  ["values that are no JSON", { values: "{q:3}" }, /^--values must be a JSON object, got \{q:3\}\.$/],
  ["names that are no object", { names: "[]" }, /^--names/],
  ["params that are nothing", { params: "null" }, /^--params/],
  ["several, all of them", { rate: "x", names: "x", params: "x" }, /^--rate.*\n--names.*\n--params.*$/],
])("%s cannot be read", (_, flags, message) => {
  const reading = () => startRequest("surveys", { ...least, ...flags }, "made-up");
  expect(reading).toThrow(expect.objectContaining({ code: "USAGE", message: expect.stringMatching(message) }));
});

describe("an id that is made up", () => {
  const at = Date.UTC(2025, 10, 22, 10, 12, 54);

  test("tells operation and time", () => {
    expect(newJobId("count", at, () => 0.5)).toBe("count-20251122-101254-iiii");
  });

  test("is one the start function takes, whatever the operation's name", () => {
    expect(newJobId("mein Zähler/".repeat(20), at, () => 0.999)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});
