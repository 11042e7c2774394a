import type { ScanSoakReport } from "../../soak/scan/report";
import { soakReport, startSoak } from "./startSoak";

jest.setTimeout(400_000);

test("an export while workers die, calls fail and messages come twice: each item once, and no page too many", async () => {
  const size = ["--items", "10000", "--segments", "16", "--kills", "20", "--rcu", "90"];
  const limits = ["--seed", "11", "--time-limit", "5"];
  const { code, report } = await soakReport<ScanSoakReport>("scan/main.ts", ...size, ...limits);
  expect(report.differences).toEqual([]);
  expect({ code, dead: report.dead, left: report.left }).toEqual({ code: 0, dead: 0, left: 0 });
  expect(report.chaos).toMatchObject({ state: "completed", items: 10_000, unitsDone: 16 });
  expect(report.export).toEqual({ items: 10_000, missing: 0, repeated: 0, other: 0, unknown: 0 });
  expect(report.work.killed).toBeGreaterThanOrEqual(20);
  expect(report.pause).toMatchObject({ scans: 0, runs: 0, messages: 0 });
  // Every rule had something to strike.
  expect(report.faults.filter(({ matched }) => matched === 0)).toEqual([]);
});

test("wrong options are reported in one sentence", async () => {
  const { output, ended } = startSoak("scan/main.ts", "--items", "many");
  expect(await ended).toBe(1);
  expect(output.stderr).toBe("soak:scan: items must be a whole number from 100 to 10000000, got NaN.\n");
});
