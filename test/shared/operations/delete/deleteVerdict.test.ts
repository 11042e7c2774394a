import { parseCondition } from "../../../../shared/aws/expressions/condition";
import { deleteVerdict } from "../../../../shared/operations/delete/deleteVerdict";

test("without a condition every item is deleted", () => {
  expect(deleteVerdict(undefined)({ id: { S: "1" } })).toEqual({ do: "delete", read: [] });
});

test("with a condition the items that meet it are deleted, if the attributes that it read are unchanged", () => {
  const verdict = deleteVerdict(
    parseCondition("attribute_exists(Old) AND size(l[0]) > :n", { values: { ":n": { N: "0" } } }),
  );
  expect(verdict({ Old: { S: "" }, l: { L: [{ S: "x" }] } })).toEqual({ do: "delete", read: [["Old"], ["l", 0]] });
  expect(verdict({ Old: { S: "" } })).toEqual({ do: "count", outcome: "skipped" });
});
