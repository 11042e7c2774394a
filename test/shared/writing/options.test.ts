import * as v from "valibot";
import { schemasOf } from "../../../shared/requestOption";
import { mostFailuresOf } from "../../../shared/writing/failureBound";
import { failureBound, writingOptions, writingProblems } from "../../../shared/writing/options";

const accepts = (given: object) => v.safeParse(v.object(schemasOf(writingOptions)), given).success;

test.each([
  [{ maxFailures: 0 }, true],
  [{ maxFailures: 5 }, true],
  [{ maxFailures: "2.5%" }, true],
  [{ maxFailures: 1.5 }, false],
  [{ maxFailures: -1 }, false],
  [{ maxFailures: "101%" }, false],
  [{ maxFailures: "five" }, false],
  [{ sample: "1%" }, true],
  [{ sample: "0%" }, false],
  [{ sample: "100%" }, false],
  [{ sample: 1 }, false],
  [{ dryRun: true, keepItems: false }, true],
  [{ dryRun: "yes" }, false],
])("%j is accepted: %s", (given, expected) => expect(accepts(given)).toBe(expected));

test.each<[Parameters<typeof failureBound>[0], number, number]>([
  [{}, 0, 100],
  [{}, 9_999, 100],
  [{}, 50_000, 500],
  [{ maxFailures: 0 }, 50_000, 0],
  [{ maxFailures: 7 }, 50_000, 7],
  [{ maxFailures: "5%" }, 1_000, 50],
  [{ maxFailures: "5%" }, 0, 0],
  [{ maxFailures: "29%" }, 100, 29],
  [{ maxFailures: "4.35%" }, 10_000, 435],
  [{ maxFailures: "4.35%" }, 9_999, 434],
  [{ maxFailures: "100%" }, 7, 7],
])("with %j and %d items, %d may fail", (params, items, most) =>
  expect(mostFailuresOf(failureBound(params), items)).toBe(most),
);

test("a sample is for dry runs, and a dry run keeps no former values", () => {
  expect(writingProblems({ dryRun: true, sample: "1%" })).toEqual([]);
  expect(writingProblems({ sample: "1%", keepBefore: true })).toEqual([
    "sample is for dry runs: a job changes all items or none.",
  ]);
  expect(writingProblems({ dryRun: true, keepBefore: true })).toEqual([
    "keepBefore makes no sense with a dry run: it changes nothing.",
  ]);
});
