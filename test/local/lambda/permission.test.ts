/** Permissions of functions, and rules that have functions as targets. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { TargetDelivery } from "../../../local/events/eventBuses";
import { SmallCloud, until } from "../smallCloud";

const ECHO = "export const handler = async (event) => { console.log(JSON.stringify(event.detail)); };";

let cloud: SmallCloud;
let events: EventBridgeClient;
let target: { name: string; arn: string };
let names = 0;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  events = new EventBridgeClient(cloud.as());
});
beforeEach(async () => {
  target = await cloud.function(`target-${names++}`, ECHO);
});
afterAll(async () => {
  events?.destroy();
  await cloud?.stop();
});

/** A rule for events of a source of its own, with the function as target. */
async function rule() {
  const source = `source-${names++}`;
  const eventPattern = JSON.stringify({ source: [source] });
  const made = await cloud.make("aws:cloudwatch/eventRule:EventRule", source, { eventPattern });
  await cloud.make("aws:cloudwatch/eventTarget:EventTarget", source, { rule: made.name, arn: target.arn });
  return { source, arn: String(made.arn) };
}

/** Puts an event, and returns the result. */
async function put(source: string): Promise<TargetDelivery | undefined> {
  const Entries = [{ Source: source, DetailType: "Test", Detail: JSON.stringify({ from: source }) }];
  await events.send(new PutEventsCommand({ Entries }));
  await cloud.parts.eventBuses.delivered();
  const recorded = cloud.parts.eventBuses.recent().find(({ event }) => event.source === source);
  return recorded?.deliveries[0];
}

const permit = (inputs: object = {}) =>
  cloud.make("aws:lambda/permission:Permission", `permit-${names++}`, {
    ...{ action: "lambda:InvokeFunction", function: target.name, principal: "events.amazonaws.com" },
    ...inputs,
  });

test("a function gets the events of a rule that it permits", async () => {
  const { source, arn } = await rule();
  await permit({ sourceArn: arn });
  expect(await put(source)).toMatchObject({ target: target.arn, outcome: "delivered" });
  await until(() => cloud.logs.includes(JSON.stringify({ from: source })));
  expect(cloud.errors.splice(0)).toEqual([]);
});

test.each<[string, (other: string) => object | undefined]>([
  ["permits nobody", () => undefined],
  ["permits another rule", (other) => ({ sourceArn: other })],
  ["permits another service", () => ({ principal: "sns.amazonaws.com" })],
  ["permits another action", () => ({ action: "lambda:GetFunction" })],
  ["permits another account's rules", () => ({ sourceAccount: "111122223333" })],
])("a function that %s gets none, and the refusal is reported", async (_, inputs) => {
  const { source, arn } = await rule();
  const given = inputs(`${arn}-other`);
  if (given !== undefined) await permit(given);
  expect(await put(source)).toMatchObject({ outcome: "refused" });
  expect(cloud.logs).not.toContain(JSON.stringify({ from: source }));
  expect(cloud.errors.splice(0)).toMatchObject([{ code: "ACCESS_DENIED" }]);
});

test("each permission adds a statement, under its own id", async () => {
  const first = await rule();
  const second = await rule();
  await permit({ sourceArn: first.arn, statementId: "first" });
  await permit({ sourceArn: second.arn });
  expect(await put(first.source)).toMatchObject({ outcome: "delivered" });
  expect(await put(second.source)).toMatchObject({ outcome: "delivered" });
  const statements = [cloud.parts.roles.resourcePolicy(target.arn)?.Statement ?? []].flat() as { Sid: string }[];
  expect(statements.map(({ Sid }) => Sid)).toEqual(["first", expect.stringMatching(/^permit-/)]);
  expect(cloud.errors.splice(0)).toEqual([]);
});

test("a permission for a function that isn't there is refused", async () => {
  await expect(permit({ function: "nobody" })).rejects.toMatchObject({ code: "NO_SUCH_FUNCTION" });
});

test("a rule can't have a target that the local cloud can't deliver to", async () => {
  const arn = "arn:aws:logs:eu-west-1:000000000000:log-group:x";
  const { source } = await rule();
  const inputs = { rule: source, arn };
  await expect(cloud.make("aws:cloudwatch/eventTarget:EventTarget", "t", inputs)).rejects.toMatchObject({
    code: "UNKNOWN_EVENT_TARGET",
    message: expect.stringContaining("functions, topics and standard queues"),
  });
});
