import type { Desk } from "../../../../services/ingest/desk/desk";
import { checkParticipant, readParticipant } from "../../../../services/ingest/desk/participant";
import { body } from "../submissions";
import { DeskGround, expireRaw, putItem, putRaw, putRecord, store, storeImplausible } from "./deskGround";

let ground: DeskGround;
let desk: Desk;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
});

test("everything that is kept about a participant is shown, and nothing about others", async () => {
  for (const user_id of ["0001", "00010", "000"]) {
    await store(desk, { user_id, timestamp: "092821120001" });
    await store(desk, { user_id });
    await putRecord(desk, `participants/${user_id}/m-1.json`, { body: body({ user_id, time_elapsed: 1 }) });
    await putRecord(desk, `${user_id}092821120000/0a1b.json`, { body: body({ user_id, q1: 9 }) });
    await putRaw(desk, `${user_id}092821120009.json`, "left over");
  }
  await storeImplausible(desk, "0001", "092864120000");
  const { item, markers, ...kept } = await readParticipant(desk, "0001");
  expect(item).toMatchObject({ user_id: { S: "0001" }, num_submission: { N: "2" } });
  expect(markers.map(({ submission, implausible }) => [submission, implausible])).toEqual([
    ["0001092821120000", false],
    ["0001092821120001", false],
    ["0001092864120000", true],
  ]);
  expect(kept).toMatchObject({
    participant: "0001",
    raw: ["0001092821120000", "0001092821120001", "0001092821120009", "0001092864120000"].map((id) => `${id}.json`),
    quarantined: [{ participant: "0001" }, { participant: "0001" }],
    versions: { raw: 4, quarantine: 2 },
  });
});

test("versions below a newer one or a delete marker are counted", async () => {
  await store(desk);
  await expireRaw(desk, "0001092821120000.json");
  await putRecord(desk, "participants/0001/m-1.json");
  await putRecord(desk, "participants/0001/m-1.json", { messageId: "m-2" });
  const { raw, quarantined, versions } = await readParticipant(desk, "0001");
  expect([raw, quarantined.length, versions]).toEqual([[], 1, { raw: 2, quarantine: 2 }]);
});

test("for an unknown participant there is nothing", async () => {
  expect(await readParticipant(desk, "nobody")).toEqual({
    participant: "nobody",
    item: undefined,
    markers: [],
    raw: [],
    quarantined: [],
    versions: { raw: 0, quarantine: 0 },
  });
});

test("a tombstone is shown", async () => {
  await putItem(desk, desk.resultsTable, { user_id: { S: "0001" }, erased_at: { S: "2021-09-28T12:00:00Z" } });
  expect((await readParticipant(desk, "0001")).item).toEqual({
    user_id: { S: "0001" },
    erased_at: { S: "2021-09-28T12:00:00Z" },
  });
});

test.each(["", "a b", "a/b", "../x", "x".repeat(65), "ä"])("%j can't be a participant", (id) => {
  expect(() => checkParticipant(id)).toThrow(expect.objectContaining({ code: "INVALID_PARTICIPANT", value: id }));
});
