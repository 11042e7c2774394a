import { entriesOf, receiptsOf } from "../../../soak/sending/receipts";

test("entries of a batch have their ids, a single message has none", () => {
  const batch = { Entries: [{ Id: "7", MessageBody: "a" }] };
  expect([...entriesOf(JSON.stringify(batch))]).toEqual([["7", "a"]]);
  expect([...entriesOf('{"MessageBody":"b"}')]).toEqual([[undefined, "b"]]);
});

test("an answer without successes has no receipts", () => {
  expect(receiptsOf(new Map([["0", "a"]]), '{"Failed":[{"Id":"0"}]}')).toEqual([]);
});
