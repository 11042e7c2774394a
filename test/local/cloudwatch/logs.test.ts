import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { refusalBy } from "../permissions/testGateway";
import { SmallCloud, until } from "../smallCloud";

let cloud: SmallCloud;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  logs = new CloudWatchLogsClient(cloud.as());
  const { arn } = await cloud.function("talks", "export const handler = async (text) => { console.log(text); };", {
    loggingConfig: { logGroup: "talk" },
  });
  for (const text of ["the first line", "the second line"]) await cloud.parts.functions.invoke(arn, text);
  await until(async () => (await find("line")).length === 2);
});
afterAll(async () => {
  logs?.destroy();
  await cloud?.stop();
});

async function find(...terms: string[]): Promise<string[]> {
  const filterPattern = terms.map((term) => `"${term}"`).join(" ");
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "talk", filterPattern }));
  return events.map(({ message = "" }) => message);
}

test("lines are found by all terms together", async () => {
  expect(await find("line", "second")).toEqual(["the second line"]);
  expect(await find("line", "third")).toEqual([]);
  const none = await logs.send(new FilterLogEventsCommand({ logGroupName: "talk", startTime: Date.now() + 60_000 }));
  expect(none.events).toEqual([]);
});

test.each([
  [
    "another pattern",
    () => logs.send(new FilterLogEventsCommand({ logGroupName: "talk", filterPattern: "{ $.a = 1 }" })),
  ],
  ["another call", () => logs.send(new DescribeLogGroupsCommand({}))],
])("%s is refused", async (_, call) => {
  expect(await refusalBy(call())).toMatchObject({ name: "NotImplemented", status: 501 });
});

test("a role needs the permission for the group", async () => {
  const reader = new CloudWatchLogsClient(cloud.as(await cloud.role("reader", [])));
  const refused = await refusalBy(reader.send(new FilterLogEventsCommand({ logGroupName: "talk" })));
  expect(refused).toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining(
      "logs:FilterLogEvents on resource: arn:aws:logs:eu-west-1:000000000000:log-group:talk:*",
    ),
  });
});
