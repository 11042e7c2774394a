/**
 * `intake enroll` as it is typed. The tests of the desk's code show what `intake enroll` and `intake tokens` do to the secret.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { qrCode } from "../../../cli/intake/qrCode";
import { SmallCloud } from "../../local/smallCloud";
import { scratchFolder } from "../../sender/helpers";
import { parseCsv } from "../../support/csv";
import { sluice } from "../operatorStack";

let cloud: SmallCloud;
let root: string;
beforeAll(async () => {
  cloud = await SmallCloud.start();
});
afterAll(() => cloud?.stop());
beforeEach(async () => {
  const { arn } = await cloud.make("aws:secretsmanager/secret:Secret", "study", {});
  root = await stackWith({ studySecret: arn });
});

async function stackWith(more: Record<string, unknown>): Promise<string> {
  const folder = await scratchFolder();
  await mkdir(join(folder, ".sluice"));
  const { endpoint, region, credentials } = cloud.as();
  const named = ["queueUrl", "rawBucket", "quarantineBucket", "resultsTable", "submissionsTable"];
  const intake = { region, ...Object.fromEntries(named.map((name) => [name, name])), ...more };
  const local = { endpoint, region, credentials, outputs: { intake } };
  await writeFile(join(folder, ".sluice/local.json"), JSON.stringify(local));
  return folder;
}

const run = (...args: string[]) => sluice(root, ["intake", ...args]);
const TOKEN = /^v1\.[A-Za-z0-9_-]{43}$/;

test("prints CSV, each participant once, an id that begins with a hyphen as it is", async () => {
  const { code, stdout, stderr } = await run("enroll", "0001", "0001", "--", "-a_B-9");
  expect([code, stderr]).toEqual([0, ""]);
  expect(parseCsv(stdout)).toEqual([
    ["user_id", "token"],
    ["0001", expect.stringMatching(TOKEN)],
    ["-a_B-9", expect.stringMatching(TOKEN)],
  ]);
});

test("reads ids from a file with a byte order mark and any line endings, and prints JSON", async () => {
  const file = join(root, "ids.txt");
  await writeFile(file, "\ufeff0001\r\n0002\n\n0003");
  const { participants } = JSON.parse((await run("enroll", "--file", file, "--json")).stdout);
  expect(participants.map(({ user_id }: { user_id: string }) => user_id)).toEqual(["0001", "0002", "0003"]);
});

test("prints a QR code that holds id and token", async () => {
  const [, [, token]] = parseCsv((await run("enroll", "0001")).stdout) as [string[], string[]];
  const { stdout } = await run("enroll", "0001", "--qr");
  expect(stdout).toBe(`${qrCode(JSON.stringify({ user_id: "0001", token }))}\n0001\n\n`);
  expect(
    stdout
      .split("\n")
      .slice(0, -3)
      .every((line) => /^[█▀▄ ]+$/.test(line)),
  ).toBe(true);
});

test("reports all invalid ids, and enrols nobody", async () => {
  const { code, stdout, stderr } = await run("enroll", "0001", "a b", "é", "x".repeat(65));
  expect([code, stdout]).toEqual([2, ""]);
  for (const bad of ["a b", "é", "x".repeat(65)]) expect(stderr).toContain(`got ${bad}.\n`);
});

test.each<[string, string[], number, string]>([
  ["nobody", ["enroll"], 2, "--file"],
  ["a file that isn't there", ["enroll", "--file", "nowhere.txt"], 2, "nowhere.txt does not exist"],
  ["a file without ids", ["enroll", "--file", "/dev/null"], 2, "/dev/null has none"],
  ["a rotation before anybody was enrolled", ["tokens", "rotate"], 1, "intake enroll"],
  ["a retirement before anybody was enrolled", ["tokens", "retire"], 1, "intake enroll"],
])("refuses %s", async (_, args, code, message) => {
  expect(await run(...args)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
});

test.each([
  ["enroll", "0001"],
  ["tokens", "rotate"],
  ["tokens", "retire"],
])("with tokens off, the command prints how to switch them on: %s %s", async (...args) => {
  root = await stackWith({});
  expect(await run(...args)).toMatchObject({ code: 1, stderr: expect.stringContaining("ingestParticipantTokens") });
});
