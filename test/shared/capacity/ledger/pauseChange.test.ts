import { pauseUpdate } from "../../../../shared/capacity/ledger/pauseChange";

const address = { table: "jobs", key: { pk: { S: "ledger#7" }, sk: { S: "read" } } };

test.each([
  [true, "ADD #pausedMembers :add_pausedMembers", ":add_pausedMembers"],
  [false, "DELETE #pausedMembers :delete_pausedMembers", ":delete_pausedMembers"],
])("a member's pause set to %s changes nothing else in the ledger", (paused, UpdateExpression, value) => {
  expect(pauseUpdate(address, paused, "job-7")).toEqual({
    TableName: "jobs",
    Key: address.key,
    UpdateExpression,
    ExpressionAttributeNames: { "#pausedMembers": "pausedMembers" },
    ExpressionAttributeValues: { [value]: { SS: ["job-7"] } },
  });
});

test.each([true, false])("a ledger's pause set to %s within a transaction has no separate condition", (paused) => {
  expect(pauseUpdate(address, paused)).toEqual({
    TableName: "jobs",
    Key: address.key,
    UpdateExpression: "SET #paused = :set_paused",
    ExpressionAttributeNames: { "#paused": "paused" },
    ExpressionAttributeValues: { ":set_paused": { BOOL: paused } },
  });
});
