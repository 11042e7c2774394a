import { updateOf } from "../../../shared/aws/update";

test.each<[string, Parameters<typeof updateOf>[0], ReturnType<typeof updateOf>]>([
  [
    "sets, removes what is undefined, and adds",
    { set: { state: "active", owner: undefined }, add: { attempts: 1 } },
    {
      UpdateExpression: "SET #state = :set_state REMOVE #owner ADD #attempts :add_attempts",
      ExpressionAttributeNames: { "#state": "state", "#owner": "owner", "#attempts": "attempts" },
      ExpressionAttributeValues: { ":set_state": { S: "active" }, ":add_attempts": { N: "1" } },
    },
  ],
  [
    "names attributes that only the condition uses, and keeps its values apart from the values that are set",
    { condition: "#state = :state OR #turn < :turn", values: { state: "failed", turn: 5 }, set: { state: "active" } },
    {
      UpdateExpression: "SET #state = :set_state",
      ConditionExpression: "#state = :state OR #turn < :turn",
      ExpressionAttributeNames: { "#state": "state", "#turn": "turn" },
      ExpressionAttributeValues: { ":state": { S: "failed" }, ":turn": { N: "5" }, ":set_state": { S: "active" } },
    },
  ],
  [
    "leaves values out if there are none",
    { set: { reason: undefined } },
    { UpdateExpression: "REMOVE #reason", ExpressionAttributeNames: { "#reason": "reason" } },
  ],
  [
    "marshals deep values and drops what is undefined in them; false, 0 and null are values",
    { set: { a: { b: [1, undefined], c: undefined }, d: false, e: 0, f: null } },
    {
      UpdateExpression: "SET #a = :set_a, #d = :set_d, #e = :set_e, #f = :set_f",
      ExpressionAttributeNames: { "#a": "a", "#d": "d", "#e": "e", "#f": "f" },
      ExpressionAttributeValues: {
        ":set_a": { M: { b: { L: [{ N: "1" }] } } },
        ...{ ":set_d": { BOOL: false }, ":set_e": { N: "0" }, ":set_f": { NULL: true } },
      },
    },
  ],
  [
    "puts members into a set and takes them out of one",
    { add: { tags: new Set(["a", "b"]) }, delete: { paused: new Set(["x"]), owners: new Set(["y"]) } },
    {
      UpdateExpression: "ADD #tags :add_tags DELETE #paused :delete_paused, #owners :delete_owners",
      ExpressionAttributeNames: { "#tags": "tags", "#paused": "paused", "#owners": "owners" },
      ExpressionAttributeValues: {
        ":add_tags": { SS: ["a", "b"] },
        ":delete_paused": { SS: ["x"] },
        ":delete_owners": { SS: ["y"] },
      },
    },
  ],
])("%s", (_case, parts, expected) => {
  expect(updateOf(parts)).toEqual(expected);
});
