import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Desk } from "../../../services/ingest/desk/desk";
import { DeskGround, expireRaw, putItem, putRaw, store } from "../../services/ingest/desk/deskGround";
import { parseCsv } from "../../support/csv";
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
  await store(desk, { freetext: '=HYPERLINK("http://x")' });
  await store(desk, { timestamp: "092821120001", q1: 5 });
  await store(desk, { user_id: "-b2", freetext: 'ä, "b"\nc' });
});

const run = (...args: string[]): Promise<Ran> => sluice(root, ["intake", ...args]);
const HEAD = ["user_id", "num_submission", "num_implausible_time", "timestamp", "submitted_at", "time_elapsed"];

test("participants as CSV: a strict parser reads exactly the stored values", async () => {
  const { code, stdout, stderr } = await run("participants", "export");
  expect([code, stderr]).toEqual([0, "2 participants exported.\n"]);
  const [head, ...rows] = parseCsv(stdout);
  expect(head).toEqual([...HEAD, "q1", "q2", "freetext"]);
  expect(rows.sort()).toEqual([
    ["'-b2", "1", "0", "092821120000", "2021-09-28T12:00:00.000000000Z", "5", "1", "2", 'ä, "b"\nc'],
    ["0001", "2", "0", "092821120001", "2021-09-28T12:00:01.000000000Z", "5", "5", "2", "fine"],
  ]);
});

test("participants as JSON Lines into a file, erased ones left out", async () => {
  await putItem(desk, desk.resultsTable, { user_id: { S: "0003" }, erased_at: { S: "2021-09-28T12:00:00Z" } });
  const out = join(root, "answers.jsonl");
  expect(await run("participants", "export", "--format", "jsonl", "--out", out)).toEqual({
    code: 0,
    stdout: "2 participants exported.\nLeft out, because erased: 1 participant.\n",
    stderr: "",
  });
  const rows = (await readFile(out, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.map(({ user_id, num_submission, q1 }) => [user_id, num_submission, q1]).sort()).toEqual([
    ["-b2", 1, 1],
    ["0001", 2, 5],
  ]);
});

test("submissions as CSV: one row each, guarded, or as they are", async () => {
  const texts = async (...flags: string[]) => {
    const [, ...rows] = parseCsv((await run("submissions", "export", ...flags)).stdout.replace(/^\uFEFF/, ""));
    return rows.map((row) => row.at(-1));
  };
  expect(await texts()).toEqual(['ä, "b"\nc', `'=HYPERLINK("http://x")`, "fine"]);
  expect(await texts("--no-guard", "--bom")).toEqual(['ä, "b"\nc', '=HYPERLINK("http://x")', "fine"]);
  expect(await texts("--participant", "0001")).toHaveLength(2);
  expect((await run("submissions", "export", "--bom")).stdout).toMatch(/^\uFEFFuser_id,/);
});

test("submissions: the summary names those left out and those that are gone", async () => {
  await expireRaw(desk, "0001092821120000.json");
  await putRaw(desk, "0001092821120009.json", "left over");
  const { code, stdout, stderr } = await run("submissions", "export", "--participant", "0001", "--format", "jsonl");
  expect([code, stdout.split("\n").length, stderr]).toEqual([
    0,
    2,
    "1 submission exported.\nLeft out, because not counted (yet): 1 raw object.\n" +
      "Counted, but the raw object is gone: 1 object, 0001092821120000.\n",
  ]);
});

test("--json prints the summary as a document", async () => {
  const out = join(root, "out.csv");
  const { stdout } = await run("submissions", "export", "--out", out, "--json");
  const nothing = { uncounted: 0, altered: [], foreign: [], missing: [] };
  expect(JSON.parse(stdout)).toEqual({ out, format: "csv", submissions: 3, ...nothing });
  const { stderr } = await run("participants", "export", "--json");
  expect(JSON.parse(stderr)).toEqual({ out: null, format: "csv", participants: 2, erased: 0 });
});

test.each([
  ["an unknown format", ["participants", "export", "--format", "xlsx"], 2],
  ["what can't be a participant", ["submissions", "export", "--participant", "*"], 2],
  ["a file that can't be written", ["participants", "export", "--out", "/none/of/these/out.csv"], 2],
])("%s is one sentence", async (_, args, code) => {
  const ran = await run(...args);
  expect([ran.code, ran.stdout, ran.stderr.trimEnd().split("\n").length]).toEqual([code, "", 1]);
});
