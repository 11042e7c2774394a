import type { JobLimit } from "../../../shared/jobs/job";
import { ledgerOwner, limitOf, lowestRate, rateOf } from "../../../shared/jobs/limits";
import { ledgerKey } from "../../../shared/jobs/storage/jobsTable";
import { readLimit } from "../../support/sampleJob";

const write: JobLimit = { direction: "write", table: "answers", limits: { table: 7, indexes: { byAge: 3 } } };
const both = { limits: [readLimit(100), write] };

test("a job has a limit for each direction that it uses", () => {
  expect(limitOf(both, "read")).toBe(both.limits[0]);
  expect(limitOf(both, "write")).toBe(write);
  expect(limitOf({ limits: [write] }, "read")).toBeUndefined();
});

test("its rate is that of the table, and 0 in a direction that it does not use", () => {
  expect([rateOf(both, "read"), rateOf(both, "write"), rateOf({ limits: [write] }, "read")]).toEqual([100, 7, 0]);
});

test.each<[string, JobLimit[], number]>([
  ["of a table", [readLimit(100)], 100],
  ["of an index below its table", [{ ...write, limits: { table: 7, indexes: { byAge: 3, byName: 5 } } }], 3],
  ["of a table below its index", [{ ...write, limits: { table: 2, indexes: { byAge: 3 } } }], 2],
  ["of the first direction", [readLimit(2), write], 2],
  ["of the second direction, its index", [readLimit(4), write], 3],
])("the lowest rate is the least of all limits: %s", (_, limits, expected) => {
  expect(lowestRate({ limits })).toBe(expected);
});

test("a job reserves from its own ledgers, or from its group's", () => {
  expect(ledgerOwner({ id: "nightly" })).toBe("nightly");
  expect(ledgerOwner({ id: "nightly", limitGroup: "nightly" })).toBe("group/nightly");
});

test("each direction and table has a separate ledger", () => {
  expect(ledgerKey("nightly", write)).toEqual({ pk: { S: "ledger#nightly" }, sk: { S: "write#answers" } });
});
