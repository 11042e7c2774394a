import { copy } from "../../../../shared/operations/copy/copy";
import { deleteItems } from "../../../../shared/operations/delete/delete";
import { undo } from "../../../../shared/operations/undo/undo";
import { update } from "../../../../shared/operations/update/update";

test("undo takes records only, and no other operation that changes items does", () => {
  expect(undo.check!({}, { source: "table" })).toEqual(["source must be records."]);
  expect(undo.check!({}, { source: "records" })).toEqual([]);
  expect(undo.check!({ dryRun: true }, { source: "records" })).toHaveLength(1);
  expect(update.check!({ update: { remove: ["a"] } }, { source: "records" })).toEqual([
    "source records is for undoing a job only.",
  ]);
});

test("a copy keeps former values only if it overwrites nothing", () => {
  const params = { to: "other", keepBefore: true };
  expect(copy.check!(params, {})).toEqual([
    "keepBefore needs ifAbsent: a copy that overwrites items does not know what they were.",
  ]);
  expect(copy.check!({ ...params, ifAbsent: true }, {})).toEqual([]);
});

test("a deletion that keeps former values needs whole items", () => {
  expect(deleteItems.needsItems!({})).toBe(false);
  expect(deleteItems.needsItems!({ keepBefore: true })).toBe(true);
  expect(deleteItems.check!({ keepBefore: true }, { partly: true })).toEqual([
    "keepBefore needs whole items: delete without index and projection.",
  ]);
  expect(deleteItems.check!({}, { partly: true })).toEqual([]);
});
