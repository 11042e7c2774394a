import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { refusalBy } from "../permissions/testGateway";
import { SmallCloud, until } from "../smallCloud";

const ARN = "arn:aws:logs:eu-west-1:000000000000:log-group";

let cloud: SmallCloud;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  logs = new CloudWatchLogsClient(cloud.as());
  await cloud.make("aws:cloudwatch/logGroup:LogGroup", "talk", { name: "talk", retentionInDays: 30 });
  await cloud.make("aws:cloudwatch/logGroup:LogGroup", "quiet", { namePrefix: "/aws/quiet-", retentionInDays: 0 });
  const { arn } = await cloud.function("talks", "export const handler = async (text) => { console.log(text); };", {
    loggingConfig: { logGroup: "talk" },
  });
  for (const text of ["the first line", "the second line"]) await cloud.parts.functions.invoke(arn, text);
  await until(async () => (await find({ filterPattern: "line" })).length === 2);
});
afterAll(async () => {
  logs?.destroy();
  await cloud?.stop();
});

const filter = (input: FilterLogEventsCommandInput) => logs.send(new FilterLogEventsCommand(input));
const describeGroups = (input: DescribeLogGroupsCommandInput) => logs.send(new DescribeLogGroupsCommand(input));

async function find(input: Omit<FilterLogEventsCommandInput, "logGroupName">): Promise<string[]> {
  const { events = [] } = await filter({ logGroupName: "talk", ...input });
  return events.map(({ message = "" }) => message);
}

describe("FilterLogEvents", () => {
  test("lines are found by their text, or all of them", async () => {
    expect(await find({ filterPattern: '"line" "second"' })).toEqual(["the second line"]);
    expect(await find({ filterPattern: '"line" "third"' })).toEqual([]);
    expect(await find({})).toEqual(["the first line", "the second line"]);
  });

  test("a group is named by its ARN as well", async () => {
    const { events } = await filter({ logGroupIdentifier: `${ARN}:talk` });
    expect(events).toHaveLength(2);
  });

  test("a span of time includes both its ends", async () => {
    const { events: [first] = [] } = await filter({ logGroupName: "talk", limit: 1 });
    const at = first?.timestamp as number;
    expect(await find({ startTime: at, endTime: at })).toContain("the first line");
    expect(await find({ endTime: at - 1 })).toEqual([]);
    expect(await find({ startTime: Date.now() + 60_000 })).toEqual([]);
  });

  test("lines have an id, the time and who wrote them", async () => {
    const { events = [] } = await filter({ logGroupName: "talk" });
    expect(events[0]).toMatchObject({ logStreamName: "talks", ingestionTime: events[0]?.timestamp });
    expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(2);
  });

  test("pages of the number asked for follow each other without gap or repetition", async () => {
    cloud.parts.logGroups.write("pages", "p", Array.from({ length: 5 }, (_, i) => `line ${i}\nother ${i}\n`).join(""));
    const pages: string[][] = [];
    const input = { logGroupName: "pages", filterPattern: "line", limit: 2 };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, input)) {
      pages.push(events.map(({ message = "" }) => message));
    }
    expect(pages).toEqual([["line 0", "line 1"], ["line 2", "line 3"], ["line 4"]]);
  });

  test("a page holds a megabyte at most, and one line at least", async () => {
    for (const [kilobytes, lines] of [
      [300, 7],
      [1_100, 2],
    ] as const) {
      const group = `large-${kilobytes}`;
      for (let i = 0; i < lines; i++) cloud.parts.logGroups.write(group, "l", `${"x".repeat(kilobytes * 1_024)}\n`);
      const pages: number[] = [];
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName: group })) {
        pages.push(events.length);
      }
      expect(pages).toEqual(kilobytes === 300 ? [3, 3, 1] : [1, 1]);
    }
  });

  test("lines that disappear between two pages are passed over", async () => {
    cloud.parts.logGroups.write("busy", "b", "line\n".repeat(10));
    const { nextToken } = await filter({ logGroupName: "busy", limit: 5 });
    cloud.parts.logGroups.write("busy", "b", "later\n".repeat(40_000));
    const { events = [] } = await filter({ logGroupName: "busy", limit: 1, nextToken });
    expect(events).toMatchObject([{ eventId: "20010", message: "later" }]);
  });

  test.each<[string, FilterLogEventsCommandInput, string]>([
    ["a group that is not there", { logGroupName: "none" }, "ResourceNotFoundException"],
    ["no group", {}, "InvalidParameterException"],
    ["two groups", { logGroupName: "talk", logGroupIdentifier: "talk" }, "InvalidParameterException"],
    ["a malformed token", { logGroupName: "talk", nextToken: "x" }, "InvalidParameterException"],
    ["too many lines", { logGroupName: "talk", limit: 10_001 }, "InvalidParameterException"],
    ["no lines", { logGroupName: "talk", limit: 0 }, "InvalidParameterException"],
    ["a pattern of another kind", { logGroupName: "talk", filterPattern: "{ $.a > 1 }" }, "NotImplemented"],
    ["streams", { logGroupName: "talk", logStreamNames: ["talks"] }, "NotImplemented"],
  ])("%s is refused", async (_, input, name) => {
    expect(await refusalBy(filter(input))).toMatchObject({ name });
  });
});

describe("DescribeLogGroups", () => {
  test("a group has its name, its ARNs and its retention", async () => {
    const { logGroups } = await describeGroups({ logGroupNamePrefix: "tal" });
    expect(logGroups).toEqual([
      {
        logGroupName: "talk",
        logGroupArn: `${ARN}:talk`,
        arn: `${ARN}:talk:*`,
        creationTime: expect.any(Number),
        retentionInDays: 30,
        metricFilterCount: 0,
        logGroupClass: "STANDARD",
        storedBytes: "the first line".length + "the second line".length + 2 * 26,
      },
    ]);
    const { logGroups: [quiet] = [] } = await describeGroups({ logGroupNamePattern: "quiet" });
    expect(quiet?.logGroupName).toMatch(/^\/aws\/quiet-[0-9a-f]{7}$/);
    expect(quiet).not.toHaveProperty("retentionInDays");
  });

  test("pages follow each other in the order of names", async () => {
    for (const name of ["page-b", "page-a", "page-c"]) cloud.parts.logGroups.create(name, undefined);
    const pages: (string | undefined)[][] = [];
    const input = { logGroupNamePrefix: "page-", limit: 2 };
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, input)) {
      pages.push(logGroups.map(({ logGroupName }) => logGroupName));
    }
    expect(pages).toEqual([["page-a", "page-b"], ["page-c"]]);
  });

  test.each<[string, DescribeLogGroupsCommandInput, string]>([
    ["prefix and pattern", { logGroupNamePrefix: "a", logGroupNamePattern: "b" }, "InvalidParameterException"],
    ["too many groups", { limit: 51 }, "InvalidParameterException"],
    ["other accounts", { includeLinkedAccounts: true }, "NotImplemented"],
  ])("%s is refused", async (_, input, name) => {
    expect(await refusalBy(describeGroups(input))).toMatchObject({ name });
  });
});

test("another call is refused", async () => {
  const call = logs.send(new GetLogEventsCommand({ logGroupName: "talk", logStreamName: "talks" }));
  expect(await refusalBy(call)).toMatchObject({ name: "NotImplemented", status: 501 });
});

test("a role needs the permission for the group", async () => {
  const reader = new CloudWatchLogsClient(cloud.as(await cloud.role("reader", [])));
  for (const input of [{ logGroupName: "talk" }, { logGroupIdentifier: `${ARN}:talk` }]) {
    expect(await refusalBy(reader.send(new FilterLogEventsCommand(input)))).toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`logs:FilterLogEvents on resource: ${ARN}:talk:*`),
    });
  }
  expect(await refusalBy(reader.send(new DescribeLogGroupsCommand({})))).toMatchObject({
    message: expect.stringContaining("logs:DescribeLogGroups on resource: *"),
  });
  reader.destroy();
});
