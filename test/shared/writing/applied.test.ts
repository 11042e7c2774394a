import type { Item } from "../../../shared/aws/itemSize";
import { applied } from "../../../shared/writing/applied";

test("a changed item has what was set and not what was removed; the old one stays", () => {
  const item: Item = { id: { S: "1" }, a: { N: "1" }, b: { N: "2" } };
  expect(applied(item, { a: { S: "x" }, c: { L: [] } }, ["b", "d"])).toEqual({
    id: { S: "1" },
    a: { S: "x" },
    c: { L: [] },
  });
  expect(item).toEqual({ id: { S: "1" }, a: { N: "1" }, b: { N: "2" } });
});
