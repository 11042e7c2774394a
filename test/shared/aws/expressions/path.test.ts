import { type Path, valueAt } from "../../../../shared/aws/expressions/path";

const item = {
  id: { S: "a" },
  address: { M: { lines: { L: [{ S: "one" }, { M: { nr: { N: "7" } } }] } } },
};

test.each<[Path, unknown]>([
  [["id"], { S: "a" }],
  [["address", "lines", 0], { S: "one" }],
  [["address", "lines", 1, "nr"], { N: "7" }],
  [["address", "lines", 2], undefined],
  [["address", "missing", 0], undefined],
  [["id", "deeper"], undefined],
  [["constructor"], undefined],
  [["address", "constructor"], undefined],
])("the value at %j is %j", (path, value) => {
  expect(valueAt(item, path)).toEqual(value);
});
