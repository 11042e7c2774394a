import { parseRate } from "../../../cli/jobs/verbs";

test.each([
  ["100", 100],
  ["0.5", 0.5],
  ["-1", -1],
  ["1e3", 1_000],
])("the rate %s is %d", (text, rcu) => {
  expect(parseRate(text)).toBe(rcu);
});

test.each([["50%"], ["fast"], [""], [" "], ["Infinity"], ["1,000"]])("%j is no rate", (text) => {
  expect(() => parseRate(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
});
