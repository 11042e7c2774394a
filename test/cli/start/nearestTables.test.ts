import { withNearestTables } from "../../../cli/start/nearestTables";
import type { StartRequest } from "../../../shared/jobs/startRequest";

const tables = { read: ["orders", "returns"], write: ["orders", "archive"] };
const problems = {
  unread: 'table must be one of those the stack was given (config scannerTables); it may not read "NAME".',
  missing: 'table must exist, but there is no table "NAME".',
  unchanged: 'table must be one of the tables that may be changed (config backfillTables); "NAME" is not.',
  target: 'to must be one of the tables that may be changed (config backfillTables); "NAME" is not.',
};

const added = (
  problem: string,
  request: Pick<StartRequest, "table" | "to">,
  known: typeof tables | undefined = tables,
) => {
  const refusal = { code: "INVALID_REQUEST", problems: ["readRate must be given.", problem] };
  const [first, second] = withNearestTables(refusal, request, known).problems;
  expect(first).toBe("readRate must be given.");
  return second!.slice(problem.length);
};

test.each<[string, Pick<StartRequest, "table" | "to">, string]>([
  [problems.unread, { table: "order" }, ' Did you mean "orders"?'],
  [problems.missing, { table: "archiv" }, ' Did you mean "archive"?'],
  [problems.unchanged, { table: "retruns" }, ""],
  [problems.unchanged, { table: "archives" }, ' Did you mean "archive"?'],
  [problems.unread, { table: "customers" }, ""],
  // The stack has it, and something else is wrong.
  [problems.missing, { table: "orders" }, ""],
  [problems.target, { table: "orders", to: "arhcive" }, ' Did you mean "archive"?'],
])("%s, %j: %j", (problem, request, more) => {
  expect(added(problem, request)).toBe(more);
});

test("an older stack doesn't list its tables, so nothing is added", () => {
  expect(withNearestTables({ code: "x", problems: [problems.unread] }, { table: "order" }, undefined)).toEqual({
    code: "x",
    problems: [problems.unread],
  });
});
