import normalizeStatus from "../../examples/ownUpdate/normalizeStatus";
import { userUpdate } from "../../shared/writing/update/userUpdate";
import { orders } from "../shared/writing/update/tables";

const verdictOf = (status?: string) =>
  userUpdate(normalizeStatus, orders, {}).verdict({
    id: { S: "1" },
    ...(status === undefined ? {} : { status: { S: status } }),
  });

test("a status is written in lower case and without blanks around it", () => {
  expect(verdictOf(" Paid ")).toEqual({ do: "change", set: { status: { S: "paid" } }, remove: [], read: [["status"]] });
});

test.each([
  ["already", "paid"],
  ["skipped", undefined],
])("an item counts as %s if its status is %s", (outcome, status) => {
  expect(verdictOf(status)).toEqual({ do: "count", outcome });
});
