import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BAD_RUNS } from "../../../services/glue/badRuns";
import { WORK_METRICS } from "../../../shared/worker/workMetrics";
import { ROOT } from "../../docs/codeBlocks";
import { deployEverything } from "../../support/wholeProgram";

// Bundling has a test of its own; here it would only take time.
jest.mock("../../../shared/infra/bundle", () => ({
  ...jest.requireActual("../../../shared/infra/bundle"),
  bundle: async () => "export const handler = () => {};",
}));

interface Widget {
  type: string;
  properties: { title: string; region: string; metrics: (string | { label?: string; expression?: string })[][] };
}

const DASHBOARD = "cloudwatch/dashboard:Dashboard";
/** Graphs of the whole program by their titles. */
let graphs: Record<string, Widget["properties"]>;
let made: Awaited<ReturnType<typeof deployEverything>>;
beforeAll(async () => {
  made = await deployEverything({});
  const { widgets } = JSON.parse(made.ofType(DASHBOARD).dashboard.dashboardBody) as { widgets: Widget[] };
  const found = widgets.filter(({ type }) => type === "metric").map(({ properties }) => properties);
  graphs = Object.fromEntries(found.map((properties) => [properties.title, properties]));
});

/** Metrics of a namespace, each as its name and the values of its dimensions. */
const metricsOf = (namespace: string) =>
  Object.values(graphs)
    .flatMap(({ metrics }) => metrics)
    .filter(([first]) => first === namespace)
    .map(([, name, , value]) => [name, value] as [string, string]);

test("there is one for the stack, under the stack's name, for its region", () => {
  expect(made.ofType(DASHBOARD).dashboard.dashboardName).toBe("sluice-test-dashboard");
  expect(new Set(Object.values(graphs).map(({ region }) => region))).toEqual(new Set(["us-east-1"]));
});

test("config leaves it out", async () => {
  const without = await deployEverything({ "sluice:dashboard": "false" });
  expect(without.ofType(DASHBOARD)).toEqual({});
});

test("it has the figures of the page's overview", () => {
  expect(Object.keys(graphs)).toEqual([
    ...["Submissions a minute", "Quarantined, by reason", "Queue", "Age of the oldest submission", "Dead letters"],
    ...["Store function", "Items done a minute", "Read capacity that jobs consume"],
    ...["Workers' time spent waiting for the limits", "Jobs that ended", "Units", "Workers at once", "Messages"],
    ...["Functions that fail", "Executions of the workflow"],
    "Consumed read capacity (the first 50 of 53 tables)",
    "Consumed write capacity (the first 50 of 53 tables)",
    "Throttled requests (the first 50 of 53 tables)",
  ]);
});

test("each of the program's own metrics is published by a function, and has the function's name", () => {
  const report = readFileSync(join(ROOT, "services/ingest/report.ts"), "utf8");
  const ofIntake = [...report.matchAll(/"([A-Z]\w+)"/g)].map(([, name]) => name);
  const published = new Set([...Object.values(WORK_METRICS), BAD_RUNS, ...ofIntake]);
  const functions = Object.values(made.ofType("lambda/function:Function"));
  const services = functions.map(({ environment }) => environment.variables.POWERTOOLS_SERVICE_NAME);
  const own = metricsOf("Sluice/test");
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter(([name, service]) => !published.has(name) || !services.includes(service))).toEqual([]);
  expect(Object.values(WORK_METRICS).filter((name) => !own.some(([shown]) => shown === name))).toEqual([]);
});

test("it watches every function, every queue and every queue of dead letters", () => {
  const nameOf = (logical: string) => `${logical}-7f3a`;
  const functions = Object.keys(made.ofType("lambda/function:Function")).map(nameOf);
  expect([...new Set(metricsOf("AWS/Lambda").map(([, name]) => name))].sort()).toEqual(functions.sort());
  const queues = Object.keys(made.ofType("sqs/queue:Queue")).map(nameOf);
  expect([...new Set(metricsOf("AWS/SQS").map(([, name]) => name))].sort()).toEqual(queues.sort());
});

test("it stays within CloudWatch's limits: 500 metrics per graph, 2,500 in all", () => {
  const counts = Object.values(graphs).map(({ metrics }) => metrics.length);
  expect(Math.max(...counts)).toBeLessThanOrEqual(500);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2_500);
});

test("secret names stay secret in the stack's state", async () => {
  const { resources } = await deployEverything({ "sluice:scannerTables": "table-of-the-clinic" }, ["scannerTables"]);
  const { serialized } = resources.find(({ type }) => type === `aws:${DASHBOARD}`)!;
  expect((serialized as { dashboardBody: unknown }).dashboardBody).toEqual({
    "4dabf18193072939515e22adb298388d": expect.any(String),
    value: expect.stringContaining("table-of-the-clinic"),
  });
});
