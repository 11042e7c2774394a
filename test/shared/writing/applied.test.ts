import fc from "fast-check";
import { type Item, itemBytes } from "../../../shared/aws/itemSize";
import { applied, appliedBytes } from "../../../shared/writing/applied";
import { arbitraryItem } from "../aws/expressions/arbitraryConditions";

test("a changed item has the set attributes and lacks the removed ones; the old item stays unchanged", () => {
  const item: Item = { id: { S: "1" }, a: { N: "1" }, b: { N: "2" } };
  expect(applied(item, { a: { S: "x" }, c: { L: [] } }, ["b", "d"])).toEqual({
    id: { S: "1" },
    a: { S: "x" },
    c: { L: [] },
  });
  expect(item).toEqual({ id: { S: "1" }, a: { N: "1" }, b: { N: "2" } });
});

test("the size of a changed item is computed without making the item", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
  fc.assert(
    fc.property(arbitraryItem, arbitraryItem, names, (item, set, some) => {
      const remove = some.filter((name) => !Object.hasOwn(set, name));
      expect(appliedBytes(item, set, remove)).toBe(itemBytes(applied(item, set, remove)));
    }),
  );
});
