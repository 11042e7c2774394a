import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StartFlags } from "../../../cli/requestFlags";
import { newJobId, startRequest } from "../../../cli/start/request";
import { startOptions } from "../../../shared/jobs/startRequest";

const least: StartFlags = { readRate: "100" };
const started = { operation: "count", table: "surveys", readRate: 100, jobId: "made-up" };

test.each<[string, StartFlags, object]>([
  ["only what is needed", {}, {}],
  ["a rate with a fraction", { readRate: "0.5" }, { readRate: 0.5 }],
  ["a share as it was typed", { readRate: "12.5%" }, { readRate: "12.5%" }],
  ["a rate for writing", { writeRate: "25" }, { writeRate: 25 }],
  ["a share for writing", { writeRate: "50%" }, { writeRate: "50%" }],
  ["a group that shares its limit", { limitGroup: "nightly" }, { limitGroup: "nightly" }],
  ["segments", { segments: "64" }, { segments: 64 }],
  ["automatic segments", { segments: "auto" }, { segments: "auto" }],
  [
    "an index, read consistently",
    { index: "by-date", consistentRead: true },
    { index: "by-date", consistentRead: true },
  ],
  [
    "expressions",
    { filter: "#q > :q", projection: "#q", names: '{"#q":"q1"}', values: '{":q":3}' },
    { filter: "#q > :q", projection: "#q", names: { "#q": "q1" }, values: { ":q": 3 } },
  ],
  [
    "values in DynamoDB JSON, with all their digits",
    { filter: "#q > :q", typedValues: '{":q":{"N":"12345678901234567890.5"},":s":{"SS":["a","b"]}}' },
    { filter: "#q > :q", typedValues: { ":q": { N: "12345678901234567890.5" }, ":s": { SS: ["a", "b"] } } },
  ],
  [
    "an export's place and form",
    { exportPrefix: "nightly/", format: "json" },
    { exportPrefix: "nightly/", format: "json" },
  ],
  ["the params of an own operation", { params: '{"attribute":"q1"}' }, { params: { attribute: "q1" } }],
  ["an id of the operator's", { jobId: "nightly" }, { jobId: "nightly" }],
  ["a list on this machine", { source: "keys:old.csv" }, { source: "keys:old.csv" }],
  [
    "numbers that a double keeps",
    { values: '{":q":[1.50,-0.1,9007199254740991,1e3]}' },
    { values: { ":q": [1.5, -0.1, 9007199254740991, 1000] } },
  ],
])("the request has %s", (_, flags, expected) => {
  const { request } = startRequest("count", "surveys", { ...least, ...flags }, "made-up");
  expect(request).toEqual({ ...started, ...expected });
});

test.each<[string, StartFlags, string]>([
  [
    "a rate that is no number",
    { readRate: "fast" },
    "--read-rate must be capacity units per second or a percentage such as 50%, got fast.",
  ],
  [
    "an empty rate",
    { readRate: "" },
    "--read-rate must be capacity units per second or a percentage such as 50%, got nothing.",
  ],
  [
    "a percentage of nothing",
    { writeRate: "%" },
    "--write-rate must be capacity units per second or a percentage such as 50%, got %.",
  ],
  ["segments that are no number", { segments: "many" }, "--segments must be a number of segments or auto, got many."],
  ["values that are no JSON", { values: "{q:3}" }, "--values must be a JSON object, got {q:3}."],
  [
    "values that would lose digits",
    { values: '{":q":12345678901234567890}' },
    "--values must be JSON without numbers that have more digits than JSON keeps, such as 12345678901234567890; " +
      '--typed-values keeps them, got {":q":12345678901234567890}.',
  ],
  [
    "a fraction that would lose digits, deep in values",
    { values: '{":q":[{"a":0.12345678901234567890}]}' },
    "--values must be JSON without numbers that have more digits than JSON keeps, such as 0.12345678901234567890; " +
      '--typed-values keeps them, got {":q":[{"a":0.12345678901234567890}]}.',
  ],
  [
    "params that would lose digits",
    { params: '{"least":0.12345678901234567890}' },
    "--params must be JSON without numbers that have more digits than JSON keeps, such as 0.12345678901234567890; " +
      'give it as text, got {"least":0.12345678901234567890}.',
  ],
  [
    "a rate and segments below their bounds",
    { readRate: "-1", segments: "0" },
    '--read-rate must be at least 0.001 capacity units per second or a percentage such as "50%", got -1.\n' +
      '--segments must be "auto" or a whole number from 1 to 100000, got 0.',
  ],
  ["an unknown format", { format: "csv" }, '--format must be dynamodb-json or json, got "csv".'],
  [
    "a place of no kind, and a rate that is no number",
    { source: "banana", writeRate: "x" },
    "--write-rate must be capacity units per second or a percentage such as 50%, got x.\n" +
      '--source must be table, export:s3://BUCKET/KEY, keys:s3://BUCKET/KEY or records:s3://BUCKET/KEY, got "banana".',
  ],
  ["typed values that are no JSON", { typedValues: "3" }, "--typed-values must be a JSON object, got 3."],
  ["names that are no object", { names: "[]" }, "--names must be a JSON object, got []."],
  ["params that are nothing", { params: "null" }, "--params must be a JSON object, got null."],
  [
    "several, all of them",
    { readRate: "x", writeRate: "y", names: "x", typedValues: "x", params: "x" },
    "--read-rate must be capacity units per second or a percentage such as 50%, got x.\n" +
      "--write-rate must be capacity units per second or a percentage such as 50%, got y.\n" +
      "--names must be a JSON object, got x.\n" +
      "--typed-values must be a JSON object, got x.\n" +
      "--params must be a JSON object, got x.",
  ],
])("%s cannot be read", (_, flags, message) => {
  const { problems } = startRequest("mine", "surveys", { ...least, ...flags }, "made-up");
  expect(problems).toEqual(message.split("\n"));
});

test("each option of a start request is a flag of the same name", () => {
  for (const [name, { flag }] of Object.entries(startOptions)) {
    const hyphened = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(flag.split(" ")[0]).toBe(`--${hyphened}`);
  }
});

describe("an id that is made up", () => {
  const at = Date.UTC(2025, 10, 22, 10, 12, 54);

  test("names operation and time", () => {
    expect(newJobId("count", at, () => 0.5)).toBe("count-20251122-101254-iiii");
  });

  test("is accepted by the start function, whatever the operation's name", () => {
    expect(newJobId("mein Zähler/".repeat(20), at, () => 0.999)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});

test("a file with JSON may begin with a byte order mark; a broken one is refused with the place", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-update-"));
  const [good, broken] = [join(folder, "good.json"), join(folder, "broken.json")];
  await writeFile(good, '\ufeff{"remove":["old"]}');
  await writeFile(broken, '{"remove":["old"}');
  const given = (update: string) => startRequest("update", "surveys", { ...least, update }, "made-up");
  expect(given(good).request).toMatchObject({ update: { remove: ["old"] } });
  expect(given(broken).problems).toContainEqual(
    expect.stringMatching(/^--update must be a JSON object \(.*position 16.*\), got .*broken\.json\.$/),
  );
  await rm(folder, { recursive: true });
});
