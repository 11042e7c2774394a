import { ownPrefix } from "../../../shared/operations/ownPrefix";
import { prefixesOf } from "../../../shared/operations/prefixes";

test.each<[string, Record<string, unknown>, string]>([
  ["count", {}, "count/a/"],
  ["of-the-user", { exportPrefix: "x" }, "of-the-user/a/"],
  ["export", {}, "AWSDynamoDB/a/"],
  ["export", { exportPrefix: "x/y/" }, "x/y/AWSDynamoDB/a/"],
])("objects of a job %s with %j lie below %s", (operation, params, prefix) => {
  expect(prefixesOf(operation, { id: "a", params })).toEqual([prefix]);
});

test("an operation may write below its name and the job's id", () => {
  expect(ownPrefix("count", "a")).toBe("count/a/");
});
