import type { SoakReport } from "../../soak/report";
import { gone, processesBelow } from "./processes";
import { startSoak } from "./startSoak";

jest.setTimeout(300_000);

test("a thousand messages under faults of every kind and an outage: none lost, none counted twice, none dead", async () => {
  const { output, ended } = startSoak(
    "main.ts",
    "--surveys",
    "1000",
    "--participants",
    "100",
    "--seed",
    "11",
    "--outage",
    "5",
  );
  const code = await ended;
  const report = JSON.parse(output.stdout) as SoakReport;
  expect(report.differences).toEqual([]);
  expect({ code, dead: report.dead, left: report.left }).toEqual({ code: 0, dead: 0, left: 0 });
  expect(report.sent).toMatchObject({ messages: 1_000, confirmed: 1_000 });
  expect(report.stored + report.quarantined).toBe(report.sent.distinct);
  expect(report.counted).toBe(report.stored);
  // Every rule had something to strike, and the outage struck all it met.
  const unmet = report.faults.filter(({ matched }) => matched === 0).map(({ rule }) => rule);
  expect(unmet).toEqual([]);
  expect(report.faults.find(({ rule }) => rule === "dynamodb outage")?.struck).toBeGreaterThan(50);
  expect(output.stderr).toMatch(/DynamoDB is down/);
});

test("Ctrl-C stops all of it", async () => {
  const { child, output, ended } = startSoak("main.ts");
  while (!output.stderr.includes("faults of every kind")) await new Promise((wake) => setTimeout(wake, 50));
  const processes = processesBelow(child.pid as number).map(({ pid }) => pid);
  expect(processes.length).toBeGreaterThan(1);
  child.kill("SIGINT");
  expect(await ended).toBe(1);
  expect(output.stderr).toContain("soak: Stopped by SIGINT");
  expect(output.stdout).toBe("");
  expect(await gone(processes, 5_000)).toBe(true);
});

test("what is wrong with the options is told in one sentence", async () => {
  const { output, ended } = startSoak("main.ts", "--surveys", "many");
  expect(await ended).toBe(1);
  expect(output.stderr).toBe("soak: surveys must be a whole number from 10 to 1000000, got NaN.\n");
});
