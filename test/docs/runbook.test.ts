import { readFileSync } from "node:fs";
import { join } from "node:path";
import { deployEverything } from "../support/wholeProgram";
import { ROOT } from "./codeBlocks";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

test("the runbook has a section for each alarm of the program, under the alarm's own name, and for no other", async () => {
  const made = await deployEverything({});
  // Each function of the workflow has an alarm with a number; one section is about all of them.
  const alarms = Object.keys(made.ofType("cloudwatch/metricAlarm:MetricAlarm")).map((name) =>
    name.replace(/-\d+$/, ""),
  );
  const runbook = readFileSync(join(ROOT, "docs/runbook.md"), "utf8");
  const sections = [...runbook.matchAll(/^### `([\w-]+)`\n\n\S/gm)].map(([, name]) => name as string);
  expect(sections.sort()).toEqual([...new Set(alarms)].sort());
});
