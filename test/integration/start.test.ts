import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { BackfillDemonstration } from "../../local/backfillDemonstration";
import type { Demonstration } from "../../local/demonstration";
import type { ScanDemonstration } from "../../local/scanDemonstration";

/** As `npm start --silent -- --json` runs it. */
function start(...options: string[]) {
  const args = ["--import", "./loader.mjs", "local/start.ts", ...options];
  return promisify(execFile)(process.execPath, args, { cwd: resolve(__dirname, "../.."), maxBuffer: 16 * 1_048_576 });
}

test("a newcomer's first command succeeds: it stores surveys, and counts, exports and backfills a table at the set rates", async () => {
  const { stdout, stderr } = await start("--json");
  const found = JSON.parse(stdout) as Demonstration & { scan: ScanDemonstration; backfill: BackfillDemonstration };
  expect(found.sent).toBe(10);
  expect(found.scan).toMatchObject({
    items: 20_000,
    count: { items: 20_000, scannedItems: 20_000 },
    export: { items: 20_000 },
    differences: { items: 20_000, missing: 0, repeated: 0, other: 0, unknown: 0 },
  });
  const { rcu, measuredRcu } = found.scan;
  expect(measuredRcu.count).toBeLessThanOrEqual(1.1 * rcu);
  expect(measuredRcu.export).toBeLessThanOrEqual(1.1 * rcu);
  expect(found.backfill).toMatchObject({
    outcomes: { updated: 4_990, already: 15_000, skipped: 0, conflict: 0, gone: 10, failed: 0 },
    ...{ wrong: 0, back: 0 },
  });
  expect(found.backfill.measuredWcu).toBeLessThanOrEqual(1.1 * found.backfill.wcu);
  expect(stderr.trimEnd().split("\n").at(-1)).toBe("To watch and control all this in a browser: npm run local -- --ui");
  // Progress is shown, but not on standard output.
  expect(stderr).toMatch(/running .*\d+ % .*RCU\/s/);
});
