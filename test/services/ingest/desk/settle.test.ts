import type { Desk } from "../../../../services/ingest/desk/desk";
import { listQuarantine, readRecord, type StoredRecord } from "../../../../services/ingest/desk/quarantined";
import { resend, resolve } from "../../../../services/ingest/desk/settle";
import { body } from "../submissions";
import { DeskGround, NOW, putRecord, record, waiting } from "./deskGround";

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

const KEY = "participants/0001/m-1.json";
const read = async (key = KEY) => (await readRecord(desk, key)) as StoredRecord;
const at = new Date(NOW).toISOString();

test.each([
  ["a survey", body()],
  ["no line break is added or taken away", "text without a line break"],
  ["line breaks and blanks stay", ' {"a":\r\n1} \n\n'],
  ["characters of several bytes", body({ freetext: "ä 😀 \u2028 \\ud800" })],
])("a body is sent byte for byte: %s", async (_, text) => {
  await putRecord(desk, KEY, { body: text });
  expect(await resend(desk, KEY)).toBe("done");
  expect((await waiting(desk)).map(({ Body }) => Body)).toEqual([text]);
});

test("the record is marked with the new message, and otherwise as it was", async () => {
  await putRecord(desk, KEY);
  await resend(desk, KEY, { by: "Ada" });
  const [message] = await waiting(desk);
  const resolution = { at, how: "resent", by: "Ada", messageId: message?.MessageId };
  expect((await read()).record).toEqual({ ...record(), resolution });
});

test("if it ends between sending and marking, the body is sent once more", async () => {
  await putRecord(desk, KEY);
  ground.ground.stage = ({ action }, next) => (action === "PutObject" ? Promise.reject(new Error("killed")) : next());
  await expect(resend(desk, KEY)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  expect((await read()).record.resolution).toBeUndefined();
  ground.ground.stage = (_, next) => next();
  await resend(desk, KEY);
  expect((await waiting(desk)).map(({ Body }) => Body)).toEqual([record().body, record().body]);
});

test("if only the answer to the marking is lost, the record counts as marked", async () => {
  await putRecord(desk, KEY);
  ground.ground.stage = async ({ action }, next) => {
    const answer = await next();
    if (action !== "PutObject") return answer;
    ground.ground.stage = (_, go) => go();
    throw new Error("lost");
  };
  const twice: Desk["retry"] = (call) => call().catch(call);
  expect(await resend({ ...desk, retry: twice }, KEY)).toBe("done");
  expect((await read()).record.resolution).toMatchObject({ how: "resent" });
});

test("a record that somebody replaced meanwhile is not marked", async () => {
  await putRecord(desk, KEY);
  ground.ground.stage = async ({ action }, next) => {
    if (action !== "SendMessage") return next();
    ground.ground.stage = (_, go) => go();
    await putRecord(desk, KEY, { messageId: "m-2" });
    return next();
  };
  expect(await resend(desk, KEY)).toBe("changed");
  expect((await read()).record).toEqual(record({ messageId: "m-2" }));
});

test("a record is resolved with a note, and its body stays", async () => {
  await putRecord(desk, KEY);
  expect(await resolve(desk, KEY, "test phone", "Ada")).toBe("done");
  expect((await read()).record).toEqual({
    ...record(),
    resolution: { at, how: "resolved", by: "Ada", note: "test phone" },
  });
  expect(await waiting(desk)).toEqual([]);
});

test("a missing or invalid record is not sent or marked", async () => {
  await putRecord(desk, "by-hand", { body: undefined as unknown as string });
  expect([await resend(desk, "nothing"), await resend(desk, "by-hand")]).toEqual(["gone", "unreadable"]);
  expect([await waiting(desk), (await listQuarantine(desk, {})).records]).toEqual([[], []]);
});

test.each([
  [
    "names its participant goes with that participant's token",
    KEY,
    { participant_token: { DataType: "String", StringValue: "token of 0001" } },
  ],
  ["names nobody goes without", "unidentified/m-1.json", undefined],
])(
  "if a person vouches for it, a body that %s; the record doesn't hold the token",
  async (_, key, MessageAttributes) => {
    const text = MessageAttributes === undefined ? "not json" : body();
    await putRecord(desk, key, { body: text });
    const sent: unknown[] = [];
    ground.ground.stage = ({ action, input }, next) => {
      if (action === "SendMessage") sent.push(input);
      return next();
    };
    expect(await resend(desk, key, { tokenOf: (userId) => `token of ${userId}` })).toBe("done");
    expect(sent).toEqual([
      { QueueUrl: desk.queueUrl, MessageBody: text, ...(MessageAttributes && { MessageAttributes }) },
    ]);
    expect(JSON.stringify((await read(key)).record)).not.toContain("token of");
  },
);
