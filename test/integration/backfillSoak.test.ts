import type { BackfillSoakReport } from "../../soak/backfill/report";
import { drivers } from "./scannerGround";
import { soakReport, startSoak } from "./startSoak";

jest.setTimeout(400_000);

test.each(drivers)(
  "%s driver: while others write, workers die and calls fail, each item, outcome and failure is as it must be",
  async (driver) => {
    const size = ["--items", "900", "--segments", "6", "--kills", "8", "--rate", "300", "--foreign", "25"];
    const limits = ["--seed", "11", "--time-limit", "5"];
    const soak = ["backfill/main.ts", "--driver", driver, ...size, ...limits] as const;
    const { code, report } = await soakReport<BackfillSoakReport>(...soak);
    expect(report.differences).toEqual([]);
    expect({ code, dead: report.dead, left: report.left }).toEqual({ code: 0, dead: 0, left: 0 });
    expect(report.work.killed).toBeGreaterThanOrEqual(8);
    const { rekey, label, expire, copy } = report.jobs;
    expect(label.items).toBe(900);
    expect([rekey, label, copy].map(({ outcomes }) => outcomes.failed)).toEqual([11, 20, 2]);
    for (const { outcomes, changes } of [rekey, label, expire, copy]) {
      expect([outcomes.updated > 0, changes > 0]).toEqual([true, true]);
    }
    // Each rule met calls that it could strike, and many were struck. Puts of failures and of items are few: all of them may come
    // while no kill is due.
    const rare = ["s3 PutObject killCaller", "dynamodb PutItem killCaller"];
    const idle = report.faults.filter(({ rule, matched }) => matched === 0 && !rare.includes(rule));
    expect(idle).toEqual([]);
    expect(report.faults.reduce((sum, { struck }) => sum + struck, 0)).toBeGreaterThan(20);
  },
);

test("wrong options are reported in one sentence", async () => {
  const { output, ended } = startSoak("backfill/main.ts", "--items", "many");
  expect(await ended).toBe(2);
  expect(JSON.parse(output.stdout)).toMatchObject({
    error: { message: "--items must be a whole number from 100 to 1000000, got many." },
  });
});
