import { withNearestTables } from "../../../cli/start/nearestTables";
import type { RefusedTable } from "../../../shared/jobs/startFunction";
import type { StartRequest } from "../../../shared/jobs/startRequest";

const tables = { read: ["orders", "returns"], write: ["orders", "archive"] };
const unread: RefusedTable = { option: "table", among: "readable", problem: "The stack has no such table." };
const unchanged: RefusedTable = { ...unread, among: "changeable" };
const target: RefusedTable = { option: "to", among: "changeable", problem: "The stack may not change it." };

const added = (
  refused: RefusedTable,
  request: Pick<StartRequest, "table" | "to">,
  known: typeof tables | undefined = tables,
) => {
  const refusal = {
    code: "INVALID_REQUEST",
    problems: ["readRate must be given.", refused.problem],
    tables: [refused],
  };
  const [first, second] = withNearestTables(refusal, request, known).problems;
  expect(first).toBe("readRate must be given.");
  return second!.slice(refused.problem.length);
};

test.each<[RefusedTable, Pick<StartRequest, "table" | "to">, string]>([
  [unread, { table: "order" }, ' Did you mean "orders"?'],
  [unread, { table: "archiv" }, ' Did you mean "archive"?'],
  [unchanged, { table: "retruns" }, ""],
  [unchanged, { table: "archives" }, ' Did you mean "archive"?'],
  [unread, { table: "customers" }, ""],
  // The stack has it, and something else is wrong.
  [unread, { table: "orders" }, ""],
  [target, { table: "orders", to: "arhcive" }, ' Did you mean "archive"?'],
])("%j, %j: %j", (refused, request, more) => {
  expect(added(refused, request)).toBe(more);
});

test("an older stack doesn't list its tables, so nothing is added", () => {
  const refusal = { code: "x", problems: [unread.problem], tables: [unread] };
  expect(withNearestTables(refusal, { table: "order" }, undefined)).toEqual(refusal);
});

test("an older start function doesn't name refused tables, so nothing is added", () => {
  const refusal = { code: "x", problems: ["table must exist, but there is no table."] };
  expect(withNearestTables(refusal, { table: "order" }, tables)).toEqual(refusal);
});
