import { matches } from "../../../../local/stepfunctions/language/choice";
import type { Json } from "../../../../shared/json";

const source = {
  data: {
    n: 5,
    s: "abc",
    t: "2026-01-01T00:00:00Z",
    b: false,
    none: null,
    other: 5,
    later: "2026-01-01T01:00:00+00:30",
  },
  context: { Execution: { Name: "job-1" } },
};

test.each<[Record<string, Json>, boolean]>([
  [{ Variable: "$.n", NumericEquals: 5 }, true],
  [{ Variable: "$.n", NumericEqualsPath: "$.other" }, true],
  [{ Variable: "$.n", NumericGreaterThan: 5 }, false],
  [{ Variable: "$.n", NumericGreaterThanEquals: 5 }, true],
  [{ Variable: "$.n", NumericLessThan: 6 }, true],
  [{ Variable: "$.n", NumericLessThanEqualsPath: "$.other" }, true],
  [{ Variable: "$.s", NumericLessThan: 6 }, false],
  [{ Variable: "$.s", StringEquals: "abc" }, true],
  [{ Variable: "$.s", StringLessThan: "abd" }, true],
  [{ Variable: "$.n", StringEquals: "5" }, false],
  [{ Variable: "$.s", StringMatches: "a*c" }, true],
  [{ Variable: "$.s", StringMatches: "a\\*c" }, false],
  [{ Variable: "$.s", StringMatches: "a.c" }, false],
  [{ Variable: "$$.Execution.Name", StringMatches: "job-*" }, true],
  [{ Variable: "$.b", BooleanEquals: false }, true],
  [{ Variable: "$.t", TimestampEquals: "2026-01-01T01:00:00+01:00" }, true],
  [{ Variable: "$.t", TimestampLessThanPath: "$.later" }, true],
  [{ Variable: "$.none", IsNull: true }, true],
  [{ Variable: "$.n", IsNull: false }, true],
  [{ Variable: "$.missing", IsPresent: false }, true],
  [{ Variable: "$.none", IsPresent: true }, true],
  [{ Variable: "$.n", IsNumeric: true }, true],
  [{ Variable: "$.n", IsString: false }, true],
  [{ Variable: "$.b", IsBoolean: true }, true],
  [{ Variable: "$.t", IsTimestamp: true }, true],
  [{ Variable: "$.s", IsTimestamp: true }, false],
  [{ Not: { Variable: "$.n", NumericEquals: 5 } }, false],
  [
    {
      And: [
        { Variable: "$.n", NumericEquals: 5 },
        { Variable: "$.s", StringEquals: "x" },
      ],
    },
    false,
  ],
  [
    {
      Or: [
        { Variable: "$.n", NumericEquals: 5 },
        { Variable: "$.missing", StringEquals: "x" },
      ],
    },
    true,
  ],
])("%j: %s", (rule, expected) => {
  expect(matches(rule, source)).toBe(expected);
});

test("a missing value cannot be compared", () => {
  expect(() => matches({ Variable: "$.missing", NumericEquals: 1 }, source)).toThrow(
    expect.objectContaining({ error: "States.Runtime" }),
  );
});
