import type { SluiceIo } from "../../../cli/session";
import type { Desk } from "../../../services/ingest/desk/desk";
import { DeskGround, putRecord, store, storeImplausible } from "../../services/ingest/desk/deskGround";
import { resultOf } from "../../services/ingest/ground";
import { type Ran, sluice } from "../operatorStack";
import { stackOf, terminal } from "./stack";

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
  await store(desk);
  await storeImplausible(desk, "0001", "092864120000");
  await putRecord(desk, "participants/0001/m-1.json");
});

const run = (args: string[], io: Partial<SluiceIo> = {}): Promise<Ran> =>
  sluice(root, ["intake", "participant", ...args], io);

describe("show", () => {
  test("prints item, submissions, raw objects and records", async () => {
    const { code, stdout } = await run(["show", "0001"]);
    expect(code).toBe(0);
    for (const text of [
      "Submissions  2 counted",
      "Raw objects  2, in 2 versions",
      "Quarantine   1 record, in 1 version",
      "  freetext        fine",
      "2021-09-28T12:00:00.000000000Z            0001092821120000.json",
      "2064-09-28T12:00:00.000000000Z  can't be  0001092864120000.json",
      "open    too_quick  participants/0001/m-1.json",
    ]) {
      expect(stdout).toContain(text);
    }
  });

  test("prints the same as JSON, numbers with all their digits", async () => {
    const kept = JSON.parse((await run(["show", "0001", "--json"])).stdout);
    expect(kept).toMatchObject({
      participant: "0001",
      item: { user_id: "0001", num_submission: "1", q1: "1" },
      markers: [{ submission: "0001092821120000" }, { submission: "0001092864120000", implausible: true }],
      raw: ["0001092821120000.json", "0001092864120000.json"],
      quarantined: [{ key: "participants/0001/m-1.json" }],
    });
  });

  test("reports that nothing is kept about an unknown participant", async () => {
    expect(JSON.parse((await run(["show", "0002", "--json"])).stdout)).toMatchObject({ item: null, markers: [] });
    expect((await run(["show", "0002"])).stdout).toContain("There is no item in the results table.");
  });
});

describe("erase", () => {
  const isErased = async () => (await resultOf(desk, "0001"))?.erased_at !== undefined;

  test("shows what is kept, and asks for the id", async () => {
    const io = terminal("0001");
    const { code, stdout } = await run(["erase", "0001"], io);
    expect(io.ask.mock.calls).toEqual([
      [
        "Participant 0001 has an item, 2 counted submissions, 2 versions of raw objects and 1 version of quarantined ones. " +
          "Type the participant's id to erase all of it for good: ",
      ],
    ]);
    expect([code, await isErased()]).toEqual([0, true]);
    expect(stdout).toMatch(
      /^Deleted: 2 markers, 2 versions of raw objects, 1 version of quarantined ones\.\nParticipant 0001 is erased: nothing is left but the tombstone of \S+\.\n$/,
    );
  });

  test.each(["", "y", "yes", "00010", "1"])("the answer %j erases nothing", async (answer) => {
    expect(await run(["erase", "0001"], terminal(answer))).toMatchObject({ code: 1, stdout: "Nothing was erased.\n" });
    expect(await isErased()).toBe(false);
  });

  test("without a terminal it needs --yes", async () => {
    const { code, stderr } = await run(["erase", "0001"]);
    expect([code, stderr, await isErased()]).toEqual([2, expect.stringMatching(/^Add --yes: [^\n]+\n$/), false]);
    const { stdout } = await run(["erase", "0001", "--yes", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      participant: "0001",
      erased: true,
      deleted: { markers: 2, raw: 2, quarantine: 1 },
      left: { markers: 0, raw: 0, quarantine: 0 },
    });
  });

  test("objects that keep arriving are reported, and the exit code is 1", async () => {
    ground.ground.stage = async ({ action }, next) => {
      if (action === "Query") await putRecord(desk, "participants/0001/late.json");
      return next();
    };
    const { code, stdout } = await run(["erase", "0001", "--yes"]);
    ground.ground.stage = (_, next) => next();
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("Something keeps writing about participant 0001: erase again."),
    ]);
  });
});

test.each(["show", "erase"])("%s of what can't be a participant is wrong usage", async (verb) => {
  expect(await run([verb, "a/b"])).toMatchObject({ code: 2, stdout: "" });
});
