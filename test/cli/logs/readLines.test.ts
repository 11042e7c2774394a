import {
  type FilteredLogEvent,
  type FilterLogEventsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudwatch-logs";
import { followLines } from "../../../cli/logs/followLines";
import { type LogLine, readLines } from "../../../cli/logs/readLines";
import { documentOf, renderLine } from "../../../cli/logs/renderLine";
import { FakeClock } from "../../sender/helpers";
import { NOW } from "../jobs/jobs";

type Events = Readonly<Record<string, FilteredLogEvent[]>>;

/** CloudWatch with pages of two events. */
function logsOf(events: Events) {
  const asked: FilterLogEventsCommand["input"][] = [];
  const send = async ({ input }: FilterLogEventsCommand) => {
    asked.push(input);
    const { logGroupName = "", startTime = 0, nextToken = "0" } = input;
    const all = events[logGroupName];
    if (all === undefined) throw new ResourceNotFoundException({ message: "no group", $metadata: {} });
    const found = all.filter(({ timestamp = 0 }) => timestamp >= startTime);
    const from = Number(nextToken);
    return { events: found.slice(from, from + 2), ...(found.length > from + 2 ? { nextToken: String(from + 2) } : {}) };
  };
  return { asked, logs: { send } as unknown as Parameters<typeof readLines>[0]["logs"] };
}

let made = 0;
const event = (at: number, message = `line at ${at}`): FilteredLogEvent => ({
  ...{ timestamp: NOW + at, message, eventId: `event-${made++}` },
});
const signal = new AbortController().signal;
const groups = { start: "start-log", scanner: "scanner-log", spark: "not-there-yet" };

async function all(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const found: string[] = [];
  for await (const { from, message } of lines) found.push(`${from}: ${message}`);
  return found;
}

test("lines of all groups come in the order of their times, over all pages", async () => {
  const { logs } = logsOf({
    "start-log": [1, 4, 6].map((at) => event(at)),
    "scanner-log": [2, 3, 5].map((at) => event(at)),
  });
  const expected = ["start", "scanner", "scanner", "start", "scanner", "start"].map(
    (from, n) => `${from}: line at ${n + 1}`,
  );
  expect(await all(readLines({ logs, groups, since: NOW, signal }))).toEqual(expected);
});

test("lines that publish metrics are left out", async () => {
  const metric = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"Sluice"}]},"pages":3}';
  const { logs } = logsOf({ "start-log": [event(1, metric), event(2, 'about {"_aws":1}')], "scanner-log": [] });
  expect(await all(readLines({ logs, groups, since: NOW, signal }))).toEqual(['start: about {"_aws":1}']);
});

test("the lines of a job name this job, and no job whose id begins or ends in the same way", async () => {
  const { logs, asked } = logsOf({
    "start-log": [event(1, '{"job":"nightly"}'), event(2, '{"job":"nightly-2"}'), event(3, "job nightly failed")],
    "scanner-log": [event(4, '{"job":"my-nightly"}')],
  });
  const lines = await all(readLines({ logs, groups, since: NOW, job: "nightly", signal }));
  expect(lines).toEqual(['start: {"job":"nightly"}', "start: job nightly failed"]);
  expect(asked[0]).toMatchObject({ startTime: NOW, filterPattern: '"nightly"' });
});

test("following shows each line once, late ones too, until Ctrl-C", async () => {
  const events = [event(1)];
  const { logs } = logsOf({ "start-log": events, "scanner-log": [] });
  const stop = new AbortController();
  const clock = new FakeClock(NOW + 20_000);
  const news = [() => events.push(event(20_500)), () => events.unshift(event(12_000)), () => stop.abort()];
  const passing = {
    now: () => clock.now(),
    sleep: async () => {
      clock.advance(2_000);
      news.shift()?.();
    },
  };
  const query = { logs, groups, since: NOW, signal: stop.signal };
  expect(await all(followLines(query, passing))).toEqual([
    "start: line at 1",
    "start: line at 20500",
    "start: line at 12000",
  ]);
});

test("a line shows time, origin, level, message and its other fields", () => {
  const message = JSON.stringify({ level: "INFO", message: "unit done", service: "scanner", job: "nightly", unit: 3 });
  const line = { from: "scanner", at: NOW, message, eventId: "" };
  expect(renderLine(line)).toBe('2025-11-22T10:13:03.000Z  scanner  INFO  unit done  {"job":"nightly","unit":3}');
  expect(documentOf(line)).toEqual({ at: "2025-11-22T10:13:03.000Z", from: "scanner", message: JSON.parse(message) });
  const plain = { ...line, message: "no\nJSON\n" };
  expect(renderLine(plain)).toBe("2025-11-22T10:13:03.000Z  scanner  no JSON");
  expect(documentOf(plain).message).toBe("no\nJSON");
});
