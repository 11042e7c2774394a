import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { Demonstration } from "../../local/demonstration";
import type { ScanDemonstration } from "../../local/scanDemonstration";

/** As `npm start --silent -- --json` runs it. */
function start(...options: string[]) {
  const args = ["--import", "tsx", "local/start.ts", ...options];
  return promisify(execFile)(process.execPath, args, { cwd: resolve(__dirname, "../.."), maxBuffer: 16 * 1_048_576 });
}

test("what a newcomer runs first ends well: surveys stored, a table counted and exported at the rate that was set", async () => {
  const { stdout, stderr } = await start("--json");
  const found = JSON.parse(stdout) as Demonstration & { scan: ScanDemonstration };
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
  // Progress is shown, and not on standard output.
  expect(stderr).toMatch(/running .*\d+ % .*RCU\/s/);
});
