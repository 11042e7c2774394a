import { didYouMean, nearestNames } from "../../shared/nearestNames";

const tables = ["orders", "orders-copy", "customers", "Invoices", "a"];

test.each<[string, string[]]>([
  ["order", ["orders", "orders-copy"]],
  ["odrers", ["orders"]],
  ["ORDERS", ["orders", "orders-copy"]],
  ["invoice", ["Invoices"]],
  ["cust", ["customers"]],
  ["b", ["a"]],
  ["b2", []],
  ["shipments", []],
  ["", []],
])("among tables, %j is similar to %j", (typed, near) => {
  expect(nearestNames(typed, tables)).toEqual(near);
});

test("offers at most three names, the nearest first, and never the typed name itself", () => {
  const ids = ["job-1", "job-12", "job-123", "job-1234", "job-2"];
  expect(nearestNames("job-1", ids)).toEqual(["job-12", "job-2", "job-123"]);
});

test("job ids of the same day are not similar", () => {
  expect(nearestNames("count-20251122-101303-k3xq", ["count-20251122-174502-p0aa"])).toEqual([]);
});

test.each<[string, string]>([
  ["nobody", ""],
  ["custmers", ' Did you mean "customers"?'],
  ["order", ' Did you mean "orders" or "orders-copy"?'],
])("is a sentence: %j", (typed, sentence) => {
  expect(didYouMean(typed, tables)).toBe(sentence);
});
