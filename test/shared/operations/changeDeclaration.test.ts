/** The common declarations of operations that change tables. */
import { changeDeclaration } from "../../../shared/operations/changeDeclaration";

const own = { options: {}, check: () => ["own problem."] };

test("an operation changes the job's own table, unless it names another one; a dry run changes none", () => {
  const { changes } = changeDeclaration(own);
  expect(changes!({}, "orders")).toEqual({ table: "orders", dryRun: false });
  expect(changes!({ dryRun: true }, "orders")).toEqual({ table: "orders", dryRun: true });
  const copying = changeDeclaration({ ...own, changes: ({ to }) => to as string });
  expect(copying.changes!({ to: "copies" }, "orders")).toEqual({ table: "copies", dryRun: false });
});

test("an operation has the options and checks of all writing operations, beside its own", () => {
  const { options, check, failureBound, needsItems } = changeDeclaration(own);
  expect(Object.keys(options!)).toEqual(expect.arrayContaining(["dryRun", "maxFailures"]));
  expect(check!({})).toEqual(["own problem."]);
  expect(check!({ sample: "1%" })).toEqual(["own problem.", expect.stringMatching(/^sample is for dry runs/)]);
  expect(failureBound!({ maxFailures: 3 })).toEqual({ count: 3 });
  expect(needsItems).toBeUndefined();
});
