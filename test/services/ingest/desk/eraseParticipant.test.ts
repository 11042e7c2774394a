import type { Desk } from "../../../../services/ingest/desk/desk";
import { eraseParticipant } from "../../../../services/ingest/desk/eraseParticipant";
import { items, resultOf } from "../ground";
import { body } from "../submissions";
import { DeskGround, expireRaw, NOW, putItem, putMarker, putRaw, putRecord, store, versionKeys } from "./deskGround";

let ground: DeskGround;
let desk: Desk;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
});
afterEach(() => {
  ground.ground.stage = (_, next) => next();
});

const NOTHING = { markers: 0, raw: 0, quarantine: 0 };
const TOMBSTONE = { user_id: { S: "0001" }, erased_at: { S: new Date(NOW).toISOString() } };
const noSleep = async () => undefined;
const erase = (sleep: () => Promise<void> = noSleep) => eraseParticipant(desk, "0001", sleep);

/** Everything that can exist about a participant: counted, expired, overwritten, refused and left over. */
async function fill(user_id: string): Promise<void> {
  await store(desk, { user_id });
  await store(desk, { user_id, timestamp: "092821120001" });
  await expireRaw(desk, `${user_id}092821120001.json`);
  await putRaw(desk, `${user_id}092821120002.json`, "one");
  await putRaw(desk, `${user_id}092821120002.json`, "two");
  await putRecord(desk, `participants/${user_id}/m-1.json`, { body: body({ user_id, time_elapsed: 1 }) });
  await putRecord(desk, `participants/${user_id}/m-1.json`, { body: body({ user_id, time_elapsed: 2 }) });
  await putRecord(desk, `${user_id}092821120000/0a1b.json`, { body: body({ user_id, q1: 9 }) });
}

async function everything() {
  const markers = (await items(desk, desk.submissionsTable)).map(({ submission }) => submission?.S ?? "");
  const results = (await items(desk, desk.resultsTable)).map(({ user_id }) => user_id?.S ?? "");
  const objects = await Promise.all([versionKeys(desk, desk.rawBucket), versionKeys(desk, desk.quarantineBucket)]);
  return [markers.sort(), results.sort(), ...objects];
}

test("nothing is left but the tombstone", async () => {
  await fill("0001");
  const erased = await erase();
  expect(erased).toEqual({
    participant: "0001",
    erasedAt: TOMBSTONE.erased_at.S,
    deleted: { markers: 2, raw: 5, quarantine: 3 },
    left: NOTHING,
  });
  expect(await everything()).toEqual([[], ["0001"], [], []]);
  expect(await resultOf(desk, "0001")).toEqual(TOMBSTONE);
});

test("participants whose ids begin or end alike stay unchanged", async () => {
  for (const user of ["00010", "000", "10001"]) await fill(user);
  const before = await everything();
  await fill("0001");
  await erase();
  const [markers, results, ...objects] = await everything();
  expect([markers, results?.filter((user) => user !== "0001"), ...objects]).toEqual(before);
});

test.each(["p", "participants"])("participant %s is erased, but not the others below participants/", async (user) => {
  await fill("0002");
  await fill(user);
  await eraseParticipant(desk, user, noSleep);
  const [markers, , raw, quarantine] = await everything();
  expect([...markers!, ...raw!, ...quarantine!].filter((key) => !/^(participants\/)?0002/.test(key))).toEqual([]);
  expect(quarantine).toHaveLength(3);
});

test("the tombstone is written before anything is deleted", async () => {
  await fill("0001");
  const actions: string[] = [];
  ground.ground.stage = ({ action }, next) => {
    if (/^(PutItem|BatchWriteItem|DeleteObjects)$/.test(action)) actions.push(action);
    return next();
  };
  await erase();
  expect(actions[0]).toBe("PutItem");
  expect(new Set(actions)).toEqual(new Set(["PutItem", "BatchWriteItem", "DeleteObjects"]));
});

test("if it ends before any of its writes, it can be repeated", async () => {
  for (let writes = 0; ; writes++) {
    await fill("0001");
    let left = writes;
    ground.ground.stage = ({ action }, next) => {
      const writing = /^(PutItem|BatchWriteItem|DeleteObjects)$/.test(action);
      return writing && left-- === 0 ? Promise.reject(new Error("killed")) : next();
    };
    const killed = await erase().then(
      () => false,
      () => true,
    );
    ground.ground.stage = (_, next) => next();
    expect((await erase()).left).toEqual(NOTHING);
    expect(await everything()).toEqual([[], ["0001"], [], []]);
    if (!killed) break;
    expect(writes).toBeLessThan(20);
  }
});

test("a participant who was erased before keeps the time of the first erasure", async () => {
  await putItem(desk, desk.resultsTable, {
    user_id: { S: "0001" },
    erased_at: { S: "2021-09-28T12:00:00Z" },
    q1: { N: "1" },
  });
  expect((await erase()).erasedAt).toBe("2021-09-28T12:00:00Z");
  expect(await resultOf(desk, "0001")).toEqual({ user_id: { S: "0001" }, erased_at: { S: "2021-09-28T12:00:00Z" } });
});

test("an unknown participant gets a tombstone: submissions still on their way are kept nowhere", async () => {
  expect((await erase()).deleted).toEqual(NOTHING);
  expect(await resultOf(desk, "0001")).toEqual(TOMBSTONE);
});

test("objects that a function writes meanwhile are found and deleted", async () => {
  await fill("0001");
  let late = 2;
  const sleep = async () => {
    if (late-- > 0) await putRecord(desk, `participants/0001/late-${late}.json`);
    if (late === 0) await putMarker(desk, "0001", "092821120007", body());
  };
  const { left, deleted } = await erase(sleep);
  expect([left, deleted]).toEqual([NOTHING, { markers: 3, raw: 5, quarantine: 5 }]);
  expect(await everything()).toEqual([[], ["0001"], [], []]);
});

test("objects that keep coming are reported", async () => {
  let n = 0;
  const sleep = async () => void (await putRecord(desk, `participants/0001/late-${n++}.json`));
  expect((await erase(sleep)).left).toEqual({ ...NOTHING, quarantine: 1 });
});

test("a marker that the index doesn't know yet is found by its raw object", async () => {
  await store(desk);
  // A query doesn't return items that the index doesn't have yet.
  ground.ground.stage = ({ action }, next) =>
    action === "Query"
      ? Promise.resolve({
          status: 200,
          headers: { "content-type": "application/x-amz-json-1.0" },
          body: Buffer.from('{"Items":[]}'),
        })
      : next();
  expect((await erase()).deleted).toEqual({ markers: 1, raw: 1, quarantine: 0 });
});

test("all markers and versions are deleted, even if they are more than a batch", async () => {
  for (let second = 0; second < 60; second++) {
    await store(desk, { timestamp: `0928211200${String(second).padStart(2, "0")}` });
  }
  expect((await erase()).deleted).toEqual({ markers: 60, raw: 60, quarantine: 0 });
  expect(await everything()).toEqual([[], ["0001"], [], []]);
});
