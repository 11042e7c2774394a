import type { SluiceIo } from "../../../cli/session";
import type { Desk } from "../../../services/ingest/desk/desk";
import { DeskGround, expireRaw, putItem, store } from "../../services/ingest/desk/deskGround";
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
  await store(desk, { user_id: "0002" });
  await putItem(desk, desk.resultsTable, { user_id: { S: "0001" }, num_submission: { N: "7" }, q1: { N: "3" } });
});

const run = (args: string[], io: Partial<SluiceIo> = {}): Promise<Ran> =>
  sluice(root, ["intake", "rebuild", ...args], io);
const count = async () => (await resultOf(desk, "0001"))?.num_submission?.N;

test("a dry run prints every difference and ends with 1", async () => {
  const { code, stdout } = await run(["--dry-run"]);
  expect([code, await count()]).toEqual([1, "7"]);
  expect(stdout.split("\n")).toEqual([
    "0001  differs",
    "  freetext: missing → fine",
    "  num_submission: 7 → 1",
    "  q1: 3 → 1",
    "  q2: missing → 2",
    "  questions: missing → 1-2",
    "  submitted_at: missing → 2021-09-28T12:00:00.000000000Z",
    "  time_elapsed: missing → 5",
    "  timestamp: missing → 092821120000",
    "2 participants with 2 submissions, 0 erased: differs 1.",
    "Nothing was changed: this was a dry run.",
    "",
  ]);
});

test("asks for the table's name, repairs the items and ends with 0; a second run finds nothing to do", async () => {
  const io = terminal(desk.resultsTable);
  expect(await run([], io)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^0001 {2}rebuilt\n/) });
  expect([io.ask.mock.calls.length, await count()]).toEqual([1, "1"]);
  const { code, stdout } = await run(["--dry-run"]);
  expect([code, stdout]).toEqual([0, "2 participants with 2 submissions, 0 erased: no differences.\n"]);
});

test("--json prints one document: the findings, and the summary", async () => {
  const { stdout } = await run(["--yes", "--json"]);
  const differences = expect.arrayContaining([{ field: "q1", is: "3", shouldBe: "1" }]);
  expect(JSON.parse(stdout)).toEqual({
    findings: [{ participant: "0001", state: "rebuilt", differences }],
    ...{ dryRun: false, participants: 2, submissions: 2, erased: 0, unchecked: 0, states: { rebuilt: 1 } },
  });
});

test("any other answer changes nothing, and without a terminal it needs --yes", async () => {
  expect(await run([], terminal("y"))).toMatchObject({ code: 1, stdout: "Nothing was changed.\n" });
  expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Add --yes or --dry-run: [^\n]+\n$/) });
  expect(await count()).toBe("7");
});

test("answers that can't be known are reported, and the exit code is 1", async () => {
  await expireRaw(desk, "0001092821120000.json");
  await expireRaw(desk, "0002092821120000.json");
  const { code, stdout } = await run(["--yes"]);
  expect(code).toBe(1);
  expect(stdout).toContain("0001  the latest answers can't be known (the raw body of 0001092821120000 is gone)\n");
  expect(stdout).toContain("Answers of 1 participant could not be checked: the raw body is gone.");
});
