import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { refusalBy } from "../permissions/testGateway";
import { SmallCloud, until } from "../smallCloud";

let cloud: SmallCloud;
let cloudwatch: CloudWatchClient;
beforeEach(async () => {
  cloud = await SmallCloud.start();
  cloudwatch = new CloudWatchClient(cloud.as());
});
afterEach(async () => {
  cloudwatch?.destroy();
  await cloud?.stop();
});

const metricIn = (Namespace: string, MetricName: string, dimensions: Record<string, string>) => ({
  ...{ Namespace, MetricName },
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});
const query = (Metric: ReturnType<typeof metricIn>, Stat = "Sum", Period = 60): MetricDataQuery => ({
  Id: "q",
  MetricStat: { Metric, Period, Stat },
});
const hour = () => ({ StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 60_000) });
const read = (each: MetricDataQuery, client = cloudwatch) =>
  client.send(new GetMetricDataCommand({ ...hour(), MetricDataQueries: [each] }));

test("metrics that a function logs can be listed and read", async () => {
  const source = `
    export const handler = async ({ reason }) => {
      const CloudWatchMetrics = [
        { Namespace: "Study", Dimensions: [["service", "reason"]], Metrics: [{ Name: "Refused" }] },
      ];
      console.log(JSON.stringify({ _aws: { Timestamp: Date.now(), CloudWatchMetrics }, service: "s", reason, Refused: 2 }));
    };`;
  const { arn } = await cloud.function("refuses", source);
  for (const reason of ["too_fast", "no_answers"]) await cloud.parts.functions.invoke(arn, { reason });
  const listed = async () => {
    const Dimensions = [{ Name: "service", Value: "s" }, { Name: "reason" }];
    const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ Namespace: "Study", Dimensions }));
    return Metrics;
  };
  await until(async () => (await listed()).length === 2);
  expect(await listed()).toEqual([
    metricIn("Study", "Refused", { service: "s", reason: "too_fast" }),
    metricIn("Study", "Refused", { service: "s", reason: "no_answers" }),
  ]);
  const asked = query(metricIn("Study", "Refused", { reason: "too_fast", service: "s" }));
  const { MetricDataResults = [] } = await read(asked);
  expect(MetricDataResults).toMatchObject([{ Id: "q", Values: [2], StatusCode: "Complete" }]);
  expect(MetricDataResults[0]?.Timestamps?.[0]?.getTime()).toBeGreaterThan(Date.now() - 3_600_000);
});

test("a queue's oldest message has an age, hidden or not; an empty queue has none", async () => {
  const { name, url } = await cloud.make<{ name: string; url: string }>("aws:sqs/queue:Queue", "inbox", {});
  const age = async () => {
    const asked = query(metricIn("AWS/SQS", "ApproximateAgeOfOldestMessage", { QueueName: name }), "Maximum");
    return (await read(asked)).MetricDataResults?.[0]?.Values;
  };
  expect(await age()).toEqual([]);
  const sqs = new SQSClient(cloud.as());
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "x" }));
  expect(await age()).toEqual([expect.any(Number)]);
  await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 100 }));
  expect(await age()).toEqual([expect.any(Number)]);
  sqs.destroy();
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    "another metric of AWS's own",
    () => read(query(metricIn("AWS/SQS", "NumberOfMessagesSent", { QueueName: "q" }))),
    "NumberOfMessagesSent",
  ],
  ["an expression", () => read({ Id: "q", Expression: "SUM(METRICS())" }), "no expressions"],
  ["a percentile", () => read(query(metricIn("Study", "Age", {}), "p99")), "simple statistics"],
  ["half a minute", () => read(query(metricIn("Study", "Age", {}), "Sum", 30)), "multiple of 60"],
  [
    "metrics from outside",
    () => cloudwatch.send(new PutMetricDataCommand({ Namespace: "Study", MetricData: [] })),
    "PutMetricData",
  ],
])("%s is refused, with what is missing", async (_, call, words) => {
  expect(await refusalBy(call())).toMatchObject({ message: expect.stringContaining(words) });
});

test("a role needs the permission", async () => {
  const Metric = metricIn("Study", "Refused", {});
  const refused = new CloudWatchClient(cloud.as(await cloud.role("nobody", [])));
  expect(await refusalBy(read(query(Metric), refused))).toMatchObject({
    message: expect.stringContaining("cloudwatch:GetMetricData"),
  });
  const statement = { Effect: "Allow", Action: "cloudwatch:GetMetricData", Resource: "*" };
  const allowed = new CloudWatchClient(cloud.as(await cloud.role("reader", [statement])));
  expect((await read(query(Metric), allowed)).MetricDataResults).toMatchObject([{ Values: [] }]);
});
