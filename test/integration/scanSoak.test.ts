import type { ScanSoakReport } from "../../soak/scan/report";
import { type DriverName, drivers } from "./scannerGround";
import { soakReport, startSoak } from "./startSoak";

jest.setTimeout(400_000);

/**
 * Scans are slow here. The queue driver adds workers; the workflow driver has as many as the rate feeds, so it needs a higher
 * rate.
 */
const LOADS = { queue: { items: 5_000, kills: 10, rcu: 90 }, workflow: { items: 10_000, kills: 4, rcu: 1_000 } };

function soakOf(driver: DriverName) {
  const { items, kills, rcu } = LOADS[driver];
  const size = ["--items", String(items), "--segments", "16", "--kills", String(kills), "--rcu", String(rcu)];
  const limits = ["--seed", "11", "--time-limit", "5"];
  return soakReport<ScanSoakReport>("scan/main.ts", "--driver", driver, ...size, ...limits);
}

// They mostly wait, so both run at once.
let soaks: Record<DriverName, Awaited<ReturnType<typeof soakOf>>>;
beforeAll(async () => {
  const [queue, workflow] = await Promise.all([soakOf("queue"), soakOf("workflow")]);
  soaks = { queue, workflow };
});

test.each(drivers)(
  "%s driver: while workers die, calls fail and tasks come twice, an export has each item once and reads no page too many",
  (driver) => {
    const { items, kills } = LOADS[driver];
    const { code, report } = soaks[driver];
    expect(report.differences).toEqual([]);
    expect({ code, dead: report.dead, left: report.left }).toEqual({ code: 0, dead: 0, left: 0 });
    expect(report.chaos).toMatchObject({ state: "completed", items, unitsDone: 16 });
    expect(report.export).toEqual({ items, missing: 0, repeated: 0, other: 0, unknown: 0 });
    expect(report.work.killed).toBeGreaterThanOrEqual(kills);
    expect(report.pause).toMatchObject({ scans: 0, runs: 0, messages: 0 });
    // Each rule met calls that it could strike, and many were struck.
    expect(report.faults.filter(({ matched }) => matched === 0)).toEqual([]);
    expect(report.faults.reduce((sum, { struck }) => sum + struck, 0)).toBeGreaterThan(20);
  },
);

test("wrong options are reported in one sentence", async () => {
  const { output, ended } = startSoak("scan/main.ts", "--items", "many");
  expect(await ended).toBe(2);
  expect(JSON.parse(output.stdout)).toMatchObject({
    error: { message: "--items must be a whole number from 100 to 10000000, got many." },
  });
});
