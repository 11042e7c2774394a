import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { exportLines, type LinesOptions } from "../../../cli/intake/exportLines";
import type { ExportRow } from "../../../services/ingest/desk/exportRow";
import { parseCsv } from "../../support/csv";

const COLUMNS = { first: ["user_id", "num_submission", "implausible_time"], last: ["freetext"] };
const row = (more: ExportRow = {}): ExportRow => ({ user_id: "0001", num_submission: { number: "3" }, ...more });

async function lines(rows: readonly ExportRow[], options: Partial<LinesOptions> = {}): Promise<string[]> {
  async function* all() {
    yield* rows;
  }
  const found: string[] = [];
  for await (const line of exportLines(all(), COLUMNS, { format: "csv", guard: true, bom: false, ...options })) {
    found.push(line);
  }
  return found;
}
const csv = async (...given: Parameters<typeof lines>) => (await lines(...given)).join("");

test("CSV has the questions of all rows in the order of their numbers", async () => {
  const rows = [row({ q10: { number: "1" }, freetext: "fine" }), row({ q2: { number: "2" }, implausible_time: true })];
  expect(await csv(rows)).toBe(
    "user_id,num_submission,implausible_time,q2,q10,freetext\r\n0001,3,,,1,fine\r\n0001,3,true,2,,\r\n",
  );
});

test("CSV of no rows is a line of names", async () => {
  expect(await csv([])).toBe("user_id,num_submission,implausible_time,freetext\r\n");
});

test("numbers keep every digit and never get an apostrophe", async () => {
  const number = "-12345678901234567890.123456789012345678";
  const rows = [row({ q1: { number }, freetext: number })];
  expect(parseCsv(await csv(rows))[1]).toEqual(["0001", "3", undefined, number, number]);
  expect(await lines(rows, { format: "jsonl" })).toEqual([
    `{"user_id":"0001","num_submission":3,"q1":${number},"freetext":"${number}"}\n`,
  ]);
});

test("an empty text is not a missing one", async () => {
  expect(parseCsv(await csv([row({ freetext: "" }), row()])).map((cells) => cells.at(-1))).toEqual([
    "freetext",
    "",
    undefined,
  ]);
});

test("a byte order mark stands at the beginning, once", async () => {
  const text = await csv([row()], { bom: true });
  expect([text.lastIndexOf("\uFEFF"), (await csv([row()])).indexOf("\uFEFF")]).toEqual([0, -1]);
});

test("the guard can be switched off, and JSON Lines have no guard", async () => {
  const rows = [row({ freetext: "=1+1" })];
  const cell = async (guard: boolean) => parseCsv(await csv(rows, { guard }))[1]?.at(-1);
  expect([await cell(true), await cell(false)]).toEqual(["'=1+1", "=1+1"]);
  expect(JSON.parse((await lines(rows, { format: "jsonl" })).join(""))).toMatchObject({ freetext: "=1+1" });
});

test("texts of any kind come back from JSON Lines, each on one line", async () => {
  const freetext = 'a\n"b"\u2028 \ud83d\ude00';
  const [line = "", ...more] = await lines([row({ freetext, implausible_time: false })], { format: "jsonl" });
  expect([JSON.parse(line), more]).toEqual([
    { user_id: "0001", num_submission: 3, implausible_time: false, freetext },
    [],
  ]);
  expect(line.indexOf("\n")).toBe(line.length - 1);
});

test("a value that isn't a JSON number becomes a string", async () => {
  const [line = ""] = await lines([row({ q1: { number: "NaN" } })], { format: "jsonl" });
  expect(JSON.parse(line).q1).toBe("NaN");
});

test("all of thousands of rows come, and nothing stays in the folder for temporary files", async () => {
  const rows = Array.from({ length: 5_000 }, (_, n) => row({ freetext: `ä${n} ${"x".repeat(50)}` }));
  const parsed = parseCsv(await csv(rows));
  expect(parsed.slice(1).map((cells) => cells.at(-1))).toEqual(rows.map(({ freetext }) => freetext));
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("sluice-export-"))).toEqual([]);
});
