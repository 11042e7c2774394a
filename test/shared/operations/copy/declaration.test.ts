import { copyDeclaration } from "../../../../shared/operations/copy/declaration";

const table = { name: "orders", keys: ["id"], keyTypes: { id: "S" }, indexes: [] } as const;
const check = (params: object, source: string) =>
  copyDeclaration.check!({ ...params }, { source, name: "orders", table });

test.each(["table", "keys"])("items of the table itself (%s) are copied into another table", (source) => {
  expect(check({ to: "copies" }, source)).toEqual([]);
  expect(check({}, source)).toEqual([expect.stringMatching(/^to must be given/)]);
  expect(check({ to: "orders" }, source)).toEqual([expect.stringMatching(/^to must be another table/)]);
});

test("an export is copied into its own table as well, which restores the table", () => {
  expect(check({}, "export")).toEqual([]);
  expect(check({ to: "orders" }, "export")).toEqual([]);
});
