import type { Desk } from "../../../services/ingest/desk/desk";
import { DeskGround, putRecord, record, storeBody, waiting } from "../../services/ingest/desk/deskGround";
import { body } from "../../services/ingest/submissions";
import { type Ran, sluice } from "../operatorStack";
import { stackOf } from "./stack";

let ground: DeskGround;
let desk: Desk;
let root: string;
beforeAll(async () => {
  ground = await DeskGround.start();
});
afterAll(() => ground.stop());
beforeEach(async () => {
  desk = await ground.desk();
  root = await stackOf(desk);
});

const run = (...args: string[]): Promise<Ran> => sluice(root, ["intake", "quarantine", ...args]);
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);
const FIRST = "participants/0001/m-1.json";
const SECOND = "participants/0002/m-2.json";
const conflict = { code: "conflict", message: "0001092821120000 was submitted before with other content" } as const;
const bodies = async () => (await waiting(desk)).map(({ Body }) => Body).sort();

/** Three open records and one that is done. */
async function fill(): Promise<void> {
  await putRecord(desk, FIRST, { body: body({ q1: 9 }) });
  await putRecord(desk, SECOND, { body: body({ user_id: "0002", q1: 9 }), sentAt: "2021-09-28T13:00:00.000Z" });
  await putRecord(desk, "unidentified/m-3.json", {
    body: "?",
    reasons: [conflict],
    sentAt: "2021-09-27T12:00:00.000Z",
  });
  await putRecord(desk, "participants/0001/m-4.json", {
    resolution: { at: "2021-09-29T12:00:00.000Z", how: "resolved", note: "test phone" },
  });
}

describe("list", () => {
  test("as text: newest first, with counts by reason and by status", async () => {
    await fill();
    const { code, stdout, stderr } = await run("list");
    expect([code, stderr]).toEqual([0, ""]);
    const words = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "));
    expect(words).toEqual([
      "SENT | STATUS | REASONS | FIRST REASON | KEY",
      `2021-09-28 13:00:00Z | open | too_quick | time_elapsed must be at least 3 seconds | ${SECOND}`,
      `2021-09-28 12:00:00Z | open | too_quick | time_elapsed must be at least 3 seconds | ${FIRST}`,
      `2021-09-27 12:00:00Z | open | conflict | ${conflict.message} | unidentified/m-3.json`,
      "3 records listed, by reason: too_quick 2, conflict 1.",
      "All that match: open 3, resolved 1.",
      "",
    ]);
  });

  test("as JSON, with the records that are done", async () => {
    await fill();
    expect(await json("list", "--all")).toMatchObject({
      total: 4,
      reasons: { too_quick: 3, conflict: 1 },
      statuses: { open: 3, resolved: 1 },
      unreadable: [],
      records: [{ key: SECOND }, {}, {}, { key: "unidentified/m-3.json", status: "open" }],
    });
  });

  test.each([
    [["--reason", "conflict"], ["unidentified/m-3.json"]],
    [["--participant", "0001"], [FIRST]],
    [
      ["--participant", "0001", "--all"],
      [FIRST, "participants/0001/m-4.json"],
    ],
    [["--participant", "000"], []],
    [["--limit", "1"], [SECOND]],
  ])("with %j lists %j", async (flags, keys) => {
    await fill();
    const { records } = await json("list", ...flags);
    expect(records.map(({ key }: { key: string }) => key)).toEqual(keys);
  });

  test("of an empty quarantine", async () => {
    expect(await run("list")).toEqual({ code: 0, stdout: "No record is listed.\n", stderr: "" });
  });

  test("shows a sender's text without the control characters that a terminal would obey", async () => {
    const reasons = [{ code: "invalid", message: "\u001b[2Jq1\nmust" }] as const;
    await putRecord(desk, FIRST, { reasons: [...reasons], body: '{"a":"\u001b[2J"}\u0007' });
    const printed = (await run("list")).stdout + (await run("show", FIRST)).stdout;
    expect(["\u001b", "\u0007"].filter((character) => printed.includes(character))).toEqual([]);
  });
});

describe("show", () => {
  test("prints all of a record", async () => {
    await fill();
    const { code, stdout } = await run("show", "participants/0001/m-4.json");
    expect(code).toBe(0);
    expect(stdout).toContain("Status       resolved");
    expect(stdout).toContain("Resolution   resolved 2021-09-29T12:00:00.000Z: test phone");
    expect(stdout).toContain(`\nBody\n${record().body}\n`);
    expect(await json("show", FIRST)).toEqual({
      ...record({ body: body({ q1: 9 }) }),
      ...{ key: FIRST, status: "open", participant: "0001", submission: "0001092821120000" },
    });
  });

  test("--body prints the body byte for byte", async () => {
    const text = '{"freetext":"ä\r\n"} \n\n';
    await putRecord(desk, FIRST, { body: text });
    expect((await run("show", FIRST, "--body")).stdout).toBe(text);
  });

  test("for a missing record, names the place to look", async () => {
    const { code, stdout, stderr } = await run("show", "nothing");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe("Quarantine has no record nothing. `intake quarantine list --all` lists all keys.\n");
  });
});

describe("resend", () => {
  test("sends all open bodies with a reason, once", async () => {
    await fill();
    expect(await run("resend", "--reason", "too_quick")).toEqual({
      code: 0,
      stdout: "2 records resent. A body that is refused again gets a new record.\n",
      stderr: "",
    });
    const sent = [body({ q1: 9 }), body({ user_id: "0002", q1: 9 })];
    expect(await bodies()).toEqual(sent);
    expect(await json("resend", "--reason", "too_quick")).toEqual({ resent: [], notDone: [] });
    expect(await bodies()).toEqual(sent);
  });

  test("sends a record that is named, even if it is done", async () => {
    await fill();
    expect((await json("resend", "participants/0001/m-4.json")).resent).toEqual(["participants/0001/m-4.json"]);
    expect(await bodies()).toEqual([record().body]);
  });

  test("leaves accepted records alone", async () => {
    await putRecord(desk, FIRST, { body: body() });
    await storeBody(desk, body());
    expect((await json("resend", "--participant", "0001")).resent).toEqual([]);
  });

  test("--dry-run sends and marks nothing", async () => {
    await fill();
    const { stdout } = await run("resend", "--participant", "0002", "--dry-run");
    expect(stdout).toContain(SECOND);
    expect(stdout).toMatch(/\nThe bodies of 1 record, \d+ bytes, would be sent\.\n$/);
    expect((await json("resend", "--participant", "0002", "--dry-run")).records).toMatchObject([{ key: SECOND }]);
    expect([await bodies(), (await json("list")).total]).toEqual([[], 3]);
  });

  test.each([[[]], [[FIRST, "--reason", "too_quick"]]])("with %j is wrong usage", async (args) => {
    const { code, stderr } = await run("resend", ...args);
    expect([code, stderr]).toEqual([2, "Name records by their keys, or choose them by --reason or --participant.\n"]);
  });
});

describe("resolve", () => {
  test("marks records with a note, and they are no longer open", async () => {
    await fill();
    const args = ["resolve", FIRST, FIRST, SECOND, "--note", "test phone", "--by", "Ada"];
    expect((await run(...args)).stdout).toBe("2 records resolved.\n");
    expect((await json("list")).total).toBe(1);
    expect((await json("show", FIRST)).resolution).toMatchObject({ how: "resolved", note: "test phone", by: "Ada" });
    expect(await bodies()).toEqual([]);
  });

  test("needs a note", async () => {
    expect(await run("resolve", FIRST)).toMatchObject({ code: 2, stdout: "" });
  });
});

test.each(["list", "resend", "resolve"])("%s of what can't be a participant is wrong usage", async (verb) => {
  const note = verb === "resolve" ? ["--note", "n"] : [];
  expect(await run(verb, "--participant", "a/b", ...note)).toEqual({
    code: 2,
    stdout: "",
    stderr: "--participant must be 1 to 64 letters, digits, _ or -, got a/b.\n",
  });
});
