import { REGION, SmallCloud } from "../smallCloud";

let cloud: SmallCloud;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  await cloud.make("aws:sqs/queue:Queue", "inbox", { name: "inbox" });
  const variables = { POWERTOOLS_METRICS_NAMESPACE: "Sluice/test", POWERTOOLS_SERVICE_NAME: "worker" };
  await cloud.function("work", "export const handler = () => {};", { environment: { variables } });
});
afterAll(() => cloud?.stop());

const place = { x: 0, y: 0, width: 8, height: 6 };
const graph = (metrics: unknown[], more: object = {}) => ({
  ...{ type: "metric", ...place, ...more },
  properties: {
    ...{ title: "t", region: REGION, stat: "Sum", period: 60, view: "timeSeries", stacked: false },
    yAxis: { left: { min: 0, label: "u", showUnits: false } },
    metrics,
  },
});
const own = ["Sluice/test", "Items", "service", "worker"];
const make = (body: unknown, dashboardName = "board") =>
  cloud.make("aws:cloudwatch/dashboard:Dashboard", "dashboard", {
    dashboardName,
    dashboardBody: typeof body === "string" ? body : JSON.stringify(body),
  });

test("a body that CloudWatch accepts, with an existing part for each metric, makes a dashboard", async () => {
  const metrics = [
    ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "inbox", { label: "waiting", stat: "Maximum" }],
    ["AWS/Lambda", "Errors", "FunctionName", "work", { label: "errors" }],
    ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", "made-later", { label: "a" }],
    [...own, { label: "", id: "m0", visible: false }],
    [{ expression: "m0 / PERIOD(m0)", label: "a second" }],
    [{ expression: "SEARCH('{\"Sluice/test\",service} MetricName=\"Items\"', 'Sum')", label: "" }],
  ];
  const text = { type: "text", ...place, x: 8, width: 16, properties: { markdown: "# A" } };
  expect(await make({ widgets: [graph(metrics), text] })).toMatchObject({
    id: "board",
    dashboardArn: "arn:aws:cloudwatch::000000000000:dashboard/board",
  });
});

test.each<[string, unknown, RegExp]>([
  ["is no JSON", "{", /the body: /],
  ["has no widgets", {}, /widgets: /],
  ["has an unknown kind of widget", { widgets: [{ ...graph([own]), type: "pie" }] }, /widgets.0.type: /],
  ["is wider than the dashboard", { widgets: [graph([[...own, {}]], { x: 20 })] }, /ends right of column 24/],
  ["has an odd period", { widgets: [{ ...graph([[...own, {}]]), properties: { period: 61 } }] }, /period: /],
  ["has a graph without lines", { widgets: [graph([])] }, /metrics: /],
  ["has half a dimension", { widgets: [graph([["AWS/SQS", "Errors", "QueueName", {}]])] }, /no metric and no expr/],
  ["has an unknown statistic", { widgets: [graph([[...own, { stat: "Mean" }]])] }, /no metric and no expr/],
  ["has an id in capitals", { widgets: [graph([[...own, { id: "M" }]])] }, /no metric and no expression/],
  [
    "has an id twice",
    {
      widgets: [
        graph([
          [...own, { id: "m" }],
          [...own, { id: "m" }],
        ]),
      ],
    },
    /two metrics have one id/,
  ],
  ["names an id that no metric has", { widgets: [graph([[{ expression: "m1 + 1" }]])] }, /no metric has the id m1/],
  ["names a queue that isn't there", { widgets: [graph([metric("AWS/SQS", "QueueName", "x")])] }, /nothing publ/],
  ["names a function that isn't there", { widgets: [graph([metric("AWS/Lambda", "FunctionName", "x")])] }, /nothing/],
  ["names a service of no function", { widgets: [graph([["Sluice/test", "Items", "service", "x", {}]])] }, /nothing/],
  ["names another stack's metrics", { widgets: [graph([["Sluice/prod", "Items", "service", "worker", {}]])] }, /noth/],
  ["names a metric that AWS doesn't have", { widgets: [graph([["AWS/SQS", "Age", "QueueName", "inbox", {}]])] }, /not/],
])("a body that %s is refused", async (_, body, reason) => {
  await expect(make(body)).rejects.toMatchObject({
    code: "INVALID_DASHBOARD",
    message: expect.stringMatching(reason),
  });
});

test("a name that CloudWatch doesn't accept is refused", async () => {
  await expect(make({ widgets: [] }, "a b")).rejects.toMatchObject({
    code: "INVALID_DASHBOARD",
    value: ["dashboardName must be 1 to 255 letters, digits, - and _, got a b."],
  });
});

function metric(namespace: string, dimension: string, value: string): unknown[] {
  const name = namespace === "AWS/SQS" ? "ApproximateAgeOfOldestMessage" : "Errors";
  return [namespace, name, dimension, value, {}];
}
