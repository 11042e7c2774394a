import { copyDeclaration } from "../../../../shared/operations/copy/declaration";
import { deleteDeclaration } from "../../../../shared/operations/delete/declaration";
import { undoDeclaration } from "../../../../shared/operations/undo/declaration";
import { updateDeclaration } from "../../../../shared/operations/update/declaration";

test("undo works only on records, and no other operation that changes items works on them", () => {
  expect(undoDeclaration.check!({}, { source: "table" })).toEqual(["source must be records."]);
  expect(undoDeclaration.check!({}, { source: "records" })).toEqual([]);
  expect(undoDeclaration.check!({ dryRun: true }, { source: "records" })).toHaveLength(1);
  expect(updateDeclaration.check!({ update: { remove: ["a"] } }, { source: "records" })).toEqual([
    "source records is only for undoing a job.",
  ]);
});

test("a copy keeps former values only if it overwrites nothing", () => {
  const params = { to: "other", keepBefore: true };
  expect(copyDeclaration.check!(params, {})).toEqual([
    "keepBefore needs ifAbsent: a copy that overwrites items does not read them first.",
  ]);
  expect(copyDeclaration.check!({ ...params, ifAbsent: true }, {})).toEqual([]);
});

test.each([
  ["deletes all", {}, false],
  ["has a condition", { onlyIf: "attribute_exists(old)" }, true],
  ["keeps former values", { keepBefore: true }, true],
  ["is a dry run, which reports what the deletion of each item consumes", { dryRun: true }, true],
])("whether a deletion needs whole items, if it %s", (_, params, needed) => {
  expect(deleteDeclaration.needsItems!(params)).toBe(needed);
});
