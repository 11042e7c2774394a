import { Metrics } from "../../../local/cloudwatch/metrics";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const id = { namespace: "Sluice/dev", name: "Stored", dimensions: { service: "ingest" } };

function line(at: number, value: number | number[]): string {
  const directive = { Namespace: id.namespace, Dimensions: [["service"]], Metrics: [{ Name: id.name }] };
  const document = { _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, service: "ingest", Stored: value };
  return `${JSON.stringify(document)}\n`;
}

test("values add up by period, oldest first; a span of time excludes its end", () => {
  const metrics = new Metrics(() => 10 * MINUTE);
  metrics.logged(line(0, 1) + line(59_999, [2, 3]) + line(5 * MINUTE, 4) + line(9 * MINUTE, 5));
  const five = metrics.read(id, 0, 9 * MINUTE, 5 * MINUTE);
  expect(five).toEqual([
    [0, { sum: 6, count: 3, minimum: 1, maximum: 3 }],
    [5 * MINUTE, { sum: 4, count: 1, minimum: 4, maximum: 4 }],
  ]);
  expect(metrics.read({ ...id, dimensions: {} }, 0, 10 * MINUTE, MINUTE)).toEqual([]);
  expect(metrics.list()).toEqual([id]);
});

test("values older than two days are forgotten", () => {
  let now = 0;
  const metrics = new Metrics(() => now);
  metrics.logged(line(0, 1));
  now = 2 * DAY + MINUTE;
  metrics.logged(line(now, 1));
  expect(metrics.read(id, 0, 3 * DAY, MINUTE).map(([start]) => start)).toEqual([now]);
});
