import type { SoakReport } from "../../soak/report";
import { gone, processesBelow } from "./processes";
import { startSoak } from "./startSoak";

jest.setTimeout(300_000);

test("four hundred messages under faults of every kind and an outage: none lost, none counted twice, none dead", async () => {
  const { output, ended } = startSoak(
    "main.ts",
    "--surveys",
    "400",
    "--participants",
    "40",
    "--seed",
    "11",
    "--outage",
    "3",
  );
  const code = await ended;
  const report = JSON.parse(output.stdout) as SoakReport;
  expect(report.differences).toEqual([]);
  expect({ code, dead: report.dead, left: report.left }).toEqual({ code: 0, dead: 0, left: 0 });
  expect(report.sent).toMatchObject({ messages: 400, confirmed: 400 });
  const { stored, duplicates, inQuarantine, erased, dead } = report;
  expect(stored + duplicates + inQuarantine + erased + dead).toBe(report.sent.taken);
  expect(report.counted).toBe(stored);
  // Storage lost objects too, and messages about them came afterwards.
  expect(report.rawObjects).toBe(stored - report.events.expired + report.events.broughtBack);
  expect(report.events.erasedParticipants).toBe(3);
  for (const count of [erased, report.events.expired, report.events.cameLater]) expect(count).toBeGreaterThan(0);
  // Every rule struck something, and the outage struck every call that it met.
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
  expect(await ended).toBe(3);
  expect(JSON.parse(output.stdout)).toEqual({ error: expect.objectContaining({ code: "INTERRUPTED" }) });
  expect(output.stderr).not.toMatch(/^ +at /m);
  expect(await gone(processes, 5_000)).toBe(true);
});

test("wrong options are reported in one sentence each", async () => {
  const { output, ended } = startSoak("main.ts", "--surveys", "many", "--outage", "1.5", "--seed", "-1");
  expect(await ended).toBe(2);
  expect(JSON.parse(output.stdout).error).toMatchObject({
    code: "USAGE",
    problems: [
      "--surveys must be a whole number from 10 to 1000000, got many.",
      "--outage must be a whole number from 0 to 3600, got 1.5.",
      "--seed must be a whole number from 0 to 2147483648, got -1.",
    ],
  });
  expect(output.stderr).toBe("");
});
