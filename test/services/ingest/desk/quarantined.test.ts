import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Desk } from "../../../../services/ingest/desk/desk";
import { listQuarantine, type QuarantineQuery, readRecord } from "../../../../services/ingest/desk/quarantined";
import { inBatches } from "../../../../shared/aws/batches";
import { body } from "../submissions";
import { DeskGround, putRecord, record, store, storeBody } from "./deskGround";

let ground: DeskGround;
let desk: Desk;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
});

const list = async (query: QuarantineQuery = {}) => (await listQuarantine(desk, query)).records;
const keysOf = async (query: QuarantineQuery = {}) => (await list(query)).map(({ key }) => key);
const at = (day: number) => `2021-09-0${day}T12:00:00.000Z`;

test("records are listed newest first, without their bodies", async () => {
  await putRecord(desk, "participants/0001/m-1.json", { sentAt: at(1) });
  await putRecord(desk, "unidentified/m-2.json", { sentAt: at(3), body: "not JSON", messageId: "m-2" });
  await putRecord(desk, "participants/0001/m-3.json", { sentAt: at(2) });
  expect(await list()).toMatchObject([
    { key: "unidentified/m-2.json", sentAt: at(3), messageId: "m-2", bytes: 8 },
    { key: "participants/0001/m-3.json", participant: "0001", submission: "0001092821120000" },
    { key: "participants/0001/m-1.json", status: "open", codes: ["too_quick"] },
  ]);
  expect(JSON.stringify(await list())).not.toContain("freetext");
});

test("each code of a record is named once", async () => {
  const invalid = { code: "invalid", message: "q1 must be a whole number from 1 to 5" } as const;
  await putRecord(desk, "unidentified/m-1.json", { reasons: [invalid, invalid, ...record().reasons] });
  expect(await list()).toMatchObject([{ codes: ["invalid", "too_quick"], reason: invalid.message }]);
});

test("a list by reason has the records with that reason among others", async () => {
  const conflict = { code: "conflict", message: "was submitted before" } as const;
  const key = await putRecord(desk, "participants/0001/m-1.json", { reasons: [...record().reasons, conflict] });
  await putRecord(desk, "participants/0001/m-2.json");
  expect(await keysOf({ reason: "conflict" })).toEqual([key]);
});

test.each(["0001", "p", "participants"])("a list of participant %s has nobody else's records", async (user) => {
  const own = [`${user}092821120000/0a1b.json`, `participants/${user}/m-1.json`];
  const others = [`${user}0/m-1.json`, `participants/${user}0/m-1.json`, `${user}0092821120000/0a1b.json`];
  for (const key of [...own, ...others]) await putRecord(desk, key, { body: body({ user_id: user }) });
  for (const key of others) await putRecord(desk, key, { body: body({ user_id: `${user}0` }) });
  expect((await keysOf({ participant: user })).sort()).toEqual(own.sort());
});

test("a record's owner comes from its key, or from its body if the key has none", async () => {
  const badTime = body({ user_id: "0007", timestamp: "yesterday" });
  await putRecord(desk, "participants/0007/m-1.json", { body: badTime });
  await putRecord(desk, "unidentified/0a1b.json", { body: badTime, sentAt: at(1) });
  const found = await list();
  expect(found.map(({ participant, submission }) => [participant, submission])).toEqual([
    ["0007", undefined],
    ["0007", undefined],
  ]);
});

describe("status", () => {
  const key = "participants/0001/m-1.json";
  const statusOf = async () => (await list())[0]?.status;

  test("accepted, once exactly this body was counted", async () => {
    await putRecord(desk, key, { body: body() });
    expect(await statusOf()).toBe("open");
    await storeBody(desk, body());
    expect(await statusOf()).toBe("accepted");
  });

  test("open, if another body was counted under the same id", async () => {
    await putRecord(desk, key, { body: body({ q1: 4 }) });
    await store(desk);
    expect(await statusOf()).toBe("open");
  });

  test.each(["resent", "resolved"] as const)("%s, as it is marked", async (how) => {
    await putRecord(desk, key, { resolution: { at: at(1), how } });
    expect(await statusOf()).toBe(how);
  });

  test("accepted, with any mark", async () => {
    await putRecord(desk, key, { body: body(), resolution: { at: at(1), how: "resent" } });
    await storeBody(desk, body());
    expect(await statusOf()).toBe("accepted");
  });
});

test.each(["no JSON", "[]", '{"reasons":[]}', '"text"', "null"])(
  "%s is no record, and is named as such",
  async (Body) => {
    await desk.s3.send(new PutObjectCommand({ Bucket: desk.quarantineBucket, Key: "by-hand", Body }));
    expect(await listQuarantine(desk, {})).toEqual({ records: [], unreadable: ["by-hand"] });
    expect(await readRecord(desk, "by-hand")).toBe("unreadable");
    expect(await readRecord(desk, "nothing")).toBeUndefined();
  },
);

test("bodies that the store function rejects are found, with their participants", async () => {
  await store(desk, { user_id: "0001", time_elapsed: 1 });
  await store(desk, { user_id: "00010", time_elapsed: 1 });
  expect(await list({ participant: "0001" })).toMatchObject([{ codes: ["too_quick"], status: "open" }]);
});

test("all records are listed, even if they are more than a page of a listing or a batch", async () => {
  const numbers = Array.from({ length: 1_105 }, (_, n) => n);
  await inBatches(numbers, { size: 1, concurrency: 8 }, ([n]) =>
    putRecord(desk, `participants/p-${n}/m.json`, { body: body({ user_id: `p-${n}` }) }),
  );
  const found = await list();
  expect(new Set(found.map(({ participant }) => participant)).size).toBe(1_105);
});
