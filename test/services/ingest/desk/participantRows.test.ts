import type { Desk } from "../../../../services/ingest/desk/desk";
import { columnNames } from "../../../../services/ingest/desk/exportRow";
import { collect } from "../../../../services/ingest/desk/participant";
import { PARTICIPANT_COLUMNS, participantRows } from "../../../../services/ingest/desk/participantRows";
import { DeskGround, putItem, store } from "./deskGround";

let ground: DeskGround;
let desk: Desk;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
});

const rows = async (tally = { erased: 0 }) => {
  const found = await collect(participantRows(desk, tally));
  return found.sort((a, b) => (String(a.user_id) < String(b.user_id) ? -1 : 1));
};
const number = (text: string) => ({ number: text });

test("a row has the latest answers and the counts", async () => {
  await store(desk, { timestamp: "092821120000", q1: 1 });
  await store(desk, { timestamp: "092821120001", q1: 5, q2: undefined, q10: 3, time_elapsed: 4.5 });
  expect(await rows()).toEqual([
    {
      user_id: "0001",
      num_submission: number("2"),
      num_implausible_time: number("0"),
      timestamp: "092821120001",
      submitted_at: "2021-09-28T12:00:01.000000000Z",
      time_elapsed: number("4.5"),
      q1: number("5"),
      q10: number("3"),
      freetext: "fine",
    },
  ]);
});

test("erased participants are counted and left out", async () => {
  await store(desk);
  await putItem(desk, desk.resultsTable, { user_id: { S: "0002" }, erased_at: { S: "2021-09-28T12:00:00Z" } });
  const tally = { erased: 0 };
  expect((await rows(tally)).map(({ user_id }) => user_id)).toEqual(["0001"]);
  expect(tally).toEqual({ erased: 1 });
});

test("numbers stay as they are in DynamoDB, and others' attributes are left out", async () => {
  const digits = "12345678901234567890.123456789012345678";
  await putItem(desk, desk.resultsTable, {
    user_id: { S: "0001" },
    num_submission: { N: "3" },
    num_implausible_time: { N: "2" },
    q1: { N: digits },
    q2: { S: "not a number" },
    q3: { L: [{ N: "1" }] },
    group: { S: "control" },
  });
  expect(await rows()).toEqual([
    {
      user_id: "0001",
      num_submission: number("3"),
      num_implausible_time: number("2"),
      q1: number(digits),
      q2: "not a number",
      q3: '{"value":{"L":[{"N":"1"}]}}',
    },
  ]);
});

test("the columns of the questions are in the order of their numbers", () => {
  const names = columnNames(PARTICIPANT_COLUMNS, ["q10", "freetext", "q2", "q1", "group"]);
  expect(names.slice(6)).toEqual(["q1", "q2", "q10", "freetext"]);
});
