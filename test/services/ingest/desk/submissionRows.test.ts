import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import type { Desk } from "../../../../services/ingest/desk/desk";
import { collect } from "../../../../services/ingest/desk/participant";
import { type SubmissionTally, submissionRows } from "../../../../services/ingest/desk/submissionRows";
import { inBatches } from "../../../../shared/aws/batches";
import { body } from "../submissions";
import { DeskGround, expireRaw, putMarker, putRaw, store, storeImplausible } from "./deskGround";

let ground: DeskGround;
let desk: Desk;
let tally: SubmissionTally;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
  tally = { uncounted: 0, altered: [], foreign: [], missing: [] };
});

const NOTHING: SubmissionTally = { uncounted: 0, altered: [], foreign: [], missing: [] };
const rows = (participant?: string) => collect(submissionRows(desk, participant, tally));
const times = async (participant?: string) => (await rows(participant)).map(({ timestamp }) => timestamp);

test("there is a row for each counted submission, not only for the latest", async () => {
  await store(desk, { timestamp: "092821120001", q1: 5, time_elapsed: 4.5 });
  await store(desk, { timestamp: "092821120000", freetext: "=1+1" });
  await store(desk, { timestamp: "092821120000", freetext: "=1+1" });
  expect(await rows()).toEqual([
    {
      user_id: "0001",
      timestamp: "092821120000",
      submitted_at: "2021-09-28T12:00:00.000000000Z",
      implausible_time: false,
      time_elapsed: { number: "5" },
      q1: { number: "1" },
      q2: { number: "2" },
      freetext: "=1+1",
    },
    expect.objectContaining({ timestamp: "092821120001", q1: { number: "5" }, time_elapsed: { number: "4.5" } }),
  ]);
  expect(tally).toEqual(NOTHING);
});

test("an implausible time is marked", async () => {
  await storeImplausible(desk, "0001", "092864120000");
  expect(await rows()).toMatchObject([{ timestamp: "092864120000", implausible_time: true }]);
});

test("submissions that today's policy would refuse are exported nevertheless", async () => {
  const text = body({ time_elapsed: 0, q1: 7, freetext: undefined });
  await putRaw(desk, "0001092821120000.json", text);
  await putMarker(desk, "0001", "092821120000", text);
  expect(await rows()).toMatchObject([{ time_elapsed: { number: "0" }, q1: { number: "7" } }]);
});

test("one participant's export has nobody else's submissions", async () => {
  for (const user_id of ["0001", "00010", "000"]) await store(desk, { user_id });
  expect(await rows("0001")).toMatchObject([{ user_id: "0001" }]);
  expect(tally).toEqual(NOTHING);
});

test("other objects in the bucket are reported", async () => {
  await store(desk);
  await store(desk, { timestamp: "092821120001" });
  await putRaw(desk, "0001092821120001.json", body({ timestamp: "092821120001", q1: 3 }));
  await putRaw(desk, "0001092821120002.json", body({ timestamp: "092821120002" }));
  await putRaw(desk, "notes.txt", "by hand");
  await putRaw(desk, "0001092821120003", body({ timestamp: "092821120003" }));
  expect(await times()).toEqual(["092821120000"]);
  expect(tally).toEqual({
    uncounted: 1,
    altered: ["0001092821120001.json"],
    foreign: ["0001092821120003", "notes.txt"],
    missing: [],
  });
});

test("one participant's submissions whose raw object is gone are reported", async () => {
  await store(desk);
  await store(desk, { timestamp: "092821120001" });
  await expireRaw(desk, "0001092821120000.json");
  expect(await times("0001")).toEqual(["092821120001"]);
  expect(tally).toEqual({ ...NOTHING, missing: ["0001092821120000"] });
});

test("an object that disappears during the export is reported", async () => {
  await store(desk);
  const found = submissionRows(desk, undefined, tally);
  const stage = ground.ground.stage;
  ground.ground.stage = async ({ action }, next) => {
    if (action !== "GetObject") return next();
    ground.ground.stage = stage;
    await expireRaw(desk, "0001092821120000.json");
    return next();
  };
  expect([await collect(found), tally.missing]).toEqual([[], ["0001092821120000"]]);
});

test("submissions keep the order of their keys, even if they are more than a batch", async () => {
  const stamps = Array.from({ length: 60 }, (_, second) => `0928211200${String(second).padStart(2, "0")}`);
  const users = ["a", "b", "c", "d"];
  await inBatches(
    users.flatMap((user_id) => stamps.map((timestamp) => ({ user_id, timestamp }))),
    { size: 1, concurrency: 8 },
    ([one]) => store(desk, one),
  );
  const found = (await rows()).map(({ user_id, timestamp }) => `${user_id}${timestamp}`);
  expect(found).toEqual(users.flatMap((user) => stamps.map((stamp) => user + stamp)));
});

test("without its marker a body counts as uncounted", async () => {
  await store(desk);
  const Key = { submission: { S: "0001092821120000" } };
  await desk.dynamodb.send(new DeleteItemCommand({ TableName: desk.submissionsTable, Key }));
  expect([await rows(), tally.uncounted]).toEqual([[], 1]);
});
