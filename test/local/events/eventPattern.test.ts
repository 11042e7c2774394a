import { eventPattern } from "../../../local/events/eventPattern";

const event = {
  source: "sluice",
  "detail-type": "Job completed",
  resources: ["arn:a", "arn:b"],
  detail: {
    job: "scan-1",
    file: "raw/2026/a.JSON",
    items: 300,
    rate: 0.5,
    done: true,
    reason: null,
    empty: "",
    tags: [],
    units: [
      { segment: 1, state: "done" },
      { segment: 2, state: "failed" },
    ],
  },
};

const detail = (pattern: object) => JSON.stringify({ detail: pattern });

test.each<[string, string, boolean]>([
  ["a value", '{"source": ["sluice"]}', true],
  ["another value", '{"source": ["other"]}', false],
  ["one of several values", '{"source": ["other", "sluice"]}', true],
  ["all of several fields", '{"source": ["sluice"], "detail-type": ["Job completed"]}', true],
  ["not all of several fields", '{"source": ["sluice"], "detail-type": ["Job started"]}', false],
  ["a number", detail({ items: [300] }), true],
  ["a number written as text", detail({ items: ["300"] }), false],
  ["true", detail({ done: [true] }), true],
  ["null", detail({ reason: [null] }), true],
  ["null for a missing value", detail({ nothing: [null] }), false],
  ["an empty text", detail({ empty: [""] }), true],
  ["an element of an array", '{"resources": ["arn:b"]}', true],
  ["a field of an array's objects", detail({ units: { state: ["failed"] } }), true],
  ["fields of two different objects of an array", detail({ units: { segment: [1], state: ["failed"] } }), false],
  ["a prefix", detail({ job: [{ prefix: "scan-" }] }), true],
  ["a prefix in another case", detail({ job: [{ prefix: "SCAN-" }] }), false],
  ["a prefix in whatever case", detail({ job: [{ prefix: { "equals-ignore-case": "SCAN-" } }] }), true],
  ["a suffix", detail({ file: [{ suffix: ".JSON" }] }), true],
  ["a suffix in whatever case", detail({ file: [{ suffix: { "equals-ignore-case": ".json" } }] }), true],
  ["a prefix of a number", detail({ items: [{ prefix: "3" }] }), false],
  ["whatever case", detail({ job: [{ "equals-ignore-case": "SCAN-1" }] }), true],
  ["anything but", detail({ job: [{ "anything-but": "scan-2" }] }), true],
  ["anything but the value", detail({ job: [{ "anything-but": "scan-1" }] }), false],
  ["anything but several", detail({ items: [{ "anything-but": [1, 300] }] }), false],
  ["anything but a prefix", detail({ job: [{ "anything-but": { prefix: "scan-" } }] }), false],
  ["anything but several suffixes", detail({ job: [{ "anything-but": { suffix: ["-2", "-3"] } }] }), true],
  ["anything but a value, of what is missing", detail({ nothing: [{ "anything-but": "x" }] }), false],
  ["a field that exists", detail({ job: [{ exists: true }] }), true],
  ["a field that is null exists", detail({ reason: [{ exists: true }] }), true],
  ["a field that is missing", detail({ nothing: [{ exists: false }] }), true],
  ["an empty array does not exist", detail({ tags: [{ exists: true }] }), false],
  ["an object is no leaf, so it does not exist", '{"detail": [{"exists": true}]}', false],
  ["a missing field of a missing object", detail({ nothing: { inner: [{ exists: false }] } }), true],
])("%s: %s", (_, pattern, expected) => {
  expect(eventPattern(pattern)(event)).toBe(expected);
});

test.each<[string, string, RegExp]>([
  ["no JSON", "{", /JSON/],
  ["no object", "[]", /the pattern/],
  ["nothing in it", "{}", /Empty objects/],
  ["a value without an array", '{"source": "sluice"}', /source/],
  ["an empty array", '{"source": []}', /source/],
  [
    "a matcher that the local cloud does not know",
    detail({ address: [{ cidr: "10.0.0.0/8" }] }),
    /cidr.*detail\.address/,
  ],
  ["a matcher with two operators", detail({ job: [{ prefix: "a", suffix: "b" }] }), /one key/],
  ["a prefix that is a number", detail({ job: [{ prefix: 1 }] }), /prefix/],
  ["exists that is a text", detail({ job: [{ exists: "true" }] }), /exists/],
  ["a comparison", detail({ items: [{ numeric: [">", 0] }] }), /numeric.*detail\.items/],
  ["a wildcard", detail({ file: [{ wildcard: "raw/*" }] }), /wildcard.*detail\.file/],
  ["anything but a wildcard", detail({ file: [{ "anything-but": { wildcard: "raw/*" } }] }), /wildcard.*detail\.file/],
  ["alternatives", '{"$or": [{"source": ["a"]}, {"source": ["b"]}]}', /\$or/],
  ["alternatives in a field", detail({ $or: [{ job: ["a"] }, { job: ["b"] }] }), /\$or.*detail/],
  ["anything but nothing", detail({ job: [{ "anything-but": [] }] }), /anything-but/],
])("a pattern with %s is refused when it is made", (_, pattern, message) => {
  expect(() => eventPattern(pattern)).toThrow(
    expect.objectContaining({ code: "INVALID_EVENT_PATTERN", message: expect.stringMatching(message) }),
  );
});
