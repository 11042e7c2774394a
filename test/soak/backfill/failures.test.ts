import { compareLists, failuresOf } from "../../../soak/backfill/failures";

test("a list is wrong if it lacks failures, repeats them, or has some that it must not have", () => {
  const must = ["a", "b"].map((id) => ({ id, code: "X" }));
  const listed = [
    ...["a", "a", "c"].map((id) => ({ id, code: "X" })),
    { id: "b", code: "Y" },
    { id: "d", code: "CONFLICT" },
  ];
  expect(compareLists(listed, must)).toEqual({
    missing: ["b X"],
    repeated: ["a X"],
    wrong: ["c X", "b Y"],
    conflicts: 1,
  });
  expect(compareLists(must, must)).toEqual({ missing: [], repeated: [], wrong: [], conflicts: 0 });
});

test("the items that must fail follow from their flaws", () => {
  expect(failuresOf("label", 20)).toEqual([
    { id: "item-7", code: "ITEM_TOO_LARGE" },
    { id: "item-13", code: "INDEX_KEY_INVALID" },
    { id: "item-17", code: "ATTRIBUTE_MISSING" },
  ]);
  expect(failuresOf("expire", 1_000)).toEqual([]);
});
