import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LogFiles } from "../../local/logFiles";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "logs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Waits until it holds. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !(await holds()) && performance.now() < end; ) await sleep(10);
}

test("each log group has a file, to which later lines are added", async () => {
  const logs = new LogFiles(folder);
  logs.write("/aws/lambda/store", "one\n");
  logs.write("/aws/lambda/store", "two\n");
  const file = join(folder, "_aws_lambda_store.log");
  await until(async () => (await readFile(file, "utf8").catch(() => "")) === "one\ntwo\n");
  expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
});

test("a file that can't be written is reported once, and ends nothing", async () => {
  const errors: unknown[] = [];
  const logs = new LogFiles(folder, (error) => errors.push(error));
  await rm(folder, { recursive: true });
  logs.write("store", "one\n");
  await until(() => errors.length > 0);
  logs.write("store", "two\n");
  await sleep(50);
  expect(errors).toEqual([
    expect.objectContaining({
      code: "LOG_FILE",
      message: expect.stringMatching(/^The log of store can't be written: ENOENT/),
    }),
  ]);
});
