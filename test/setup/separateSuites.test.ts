import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");

test("a suite that leaves work behind, whether it fails or passes, does not make the next one fail", () => {
  const config = {
    ...require("../../jest.config.js"),
    rootDir: ROOT,
    testMatch: ["<rootDir>/test/setup/fixtures/*.ts"],
    testSequencer: join(__dirname, "fixtures/byName.js"),
  };
  const args = [require.resolve("jest/bin/jest"), "--config", JSON.stringify(config), "--maxWorkers=1", "--json"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  const { testResults } = JSON.parse(stdout) as { testResults: { name: string; status: string }[] };
  const statuses = testResults.map(({ name, status }) => `${name.split("/").at(-1)} ${status}`);
  expect(statuses.sort()).toEqual([
    "1-guilty.ts failed",
    "2-innocent.ts passed",
    "3-careless.ts passed",
    "4-innocent.ts passed",
  ]);
});
