import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deployEverything } from "../support/wholeProgram";
import { ROOT } from "./codeBlocks";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

const runbook = readFileSync(join(ROOT, "docs/runbook.md"), "utf8");
const sections = [...runbook.matchAll(/^### `([\w-]+)`\n\n\S/gm)].map(([, name]) => name as string);

test("the runbook has a section for each alarm of the program, under the alarm's own name, and for no other", async () => {
  const made = await deployEverything({});
  // Each function of the workflow has an alarm with its own number. One section describes all of them.
  const alarms = Object.keys(made.ofType("cloudwatch/metricAlarm:MetricAlarm")).map((name) =>
    name.replace(/-\d+$/, ""),
  );
  expect([...sections].sort()).toEqual([...new Set(alarms)].sort());
});

test.each([
  ["where it is in the repository", {}, "docs/runbook.md"],
  [
    "where config says that people read it",
    { "sluice:runbookAddress": "https://wiki.lab/run" },
    "https://wiki.lab/run",
  ],
])("every alarm's description ends with the address of its section: %s", async (_, config, runbookAddress) => {
  const made = await deployEverything(config);
  const alarms: [string, { alarmDescription: string }][] = Object.entries(
    made.ofType("cloudwatch/metricAlarm:MetricAlarm"),
  );
  expect(alarms.length).toBeGreaterThan(20);
  for (const [name, { alarmDescription }] of alarms) {
    const [, address, heading] = / (\S+)#(\S+)$/.exec(alarmDescription) ?? [];
    expect([name, address]).toEqual([name, runbookAddress]);
    expect(sections).toContain(heading);
    expect(name.replace(/-\d+$/, "")).toBe(heading);
    // CloudWatch's limit.
    expect(alarmDescription.length).toBeLessThanOrEqual(1024);
  }
});
