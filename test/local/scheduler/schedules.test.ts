import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { ACCOUNT, policy, REGION, SmallCloud, until } from "../smallCloud";

const GROUP = `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/default`;

let cloud: SmallCloud;
let client: SFNClient;
let machine: string;
beforeAll(async () => {
  cloud = await SmallCloud.start();
  client = new SFNClient(cloud.as());
  const roleArn = await cloud.role("machine-role", [], "states");
  const definition = JSON.stringify({ StartAt: "Done", States: { Done: { Type: "Succeed" } } });
  const inputs = { name: "machine", roleArn, definition };
  machine = String((await cloud.make("aws:sfn/stateMachine:StateMachine", "machine", inputs)).arn);
});
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
});
beforeEach(() => {
  cloud.errors.splice(0);
});

const mayStart = () => [{ Effect: "Allow", Action: "states:StartExecution", Resource: machine }];
const roleFor = (name: string, statements: object[] = mayStart()) => cloud.role(name, statements, "scheduler");
const schedule = (
  name: string,
  roleArn: string,
  { target = {}, ...inputs }: { target?: object; [input: string]: unknown } = {},
) =>
  cloud.make("aws:scheduler/schedule:Schedule", name, {
    scheduleExpression: "rate(1 day)",
    flexibleTimeWindow: { mode: "OFF" },
    target: { arn: machine, roleArn, input: '{"a":1}', ...target },
    ...inputs,
  });
const trigger = (body?: unknown) =>
  cloud.administer<{ executionArn?: string; error?: string }>("schedules", {
    method: "POST",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

test("without a schedule nothing can be triggered", async () => {
  expect(await trigger()).toEqual({ error: expect.stringContaining("must be that of a schedule (none), got nothing") });
});

test("the only schedule is triggered without its name: an execution starts with its input", async () => {
  const made = await schedule("nightly", await roleFor("nightly-role"));
  expect(made).toMatchObject({ groupName: "default", arn: expect.stringContaining(`:schedule/default/${made.name}`) });
  const { executionArn } = await trigger();
  const described = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({ stateMachineArn: machine, input: '{"a":1}' });
  expect((await trigger()).executionArn).not.toBe(executionArn);
  expect(cloud.errors).toEqual([]);
});

test("with several schedules the caller names one, and the list has all", async () => {
  const { name } = await schedule("weekly", await roleFor("weekly-role"));
  expect(await trigger()).toHaveProperty("error");
  expect(await trigger({ name: "nobody" })).toEqual({ error: expect.stringContaining("got nobody") });
  expect(await trigger({ name })).toHaveProperty("executionArn");
  const { schedules } = await cloud.administer<{ schedules: { name: string }[] }>("schedules");
  expect(schedules.map((each) => each.name)).toContain(name);
  expect(schedules.length).toBeGreaterThan(1);
});

test.each([[["nightly"]], [{ name: 1 }], [{ who: "nightly" }]])(
  "a body of another form, %j, is refused",
  async (body) => {
    expect(await trigger(body)).toEqual({
      error: expect.stringContaining('The body must be { "name": "…" } or absent'),
    });
  },
);

test("a disabled schedule starts nothing", async () => {
  const { name } = await schedule("off", await roleFor("off-role"), { state: "DISABLED" });
  expect(await trigger({ name })).toEqual({ error: expect.stringContaining("is disabled") });
});

describe("a schedule of a function", () => {
  const source = 'export const handler = async (event) => console.log("got " + JSON.stringify(event));';
  const scheduled = async (name: string, statements: (arn: string) => object[]) => {
    const { arn } = await cloud.function(`${name}-function`, source);
    return schedule(name, await roleFor(`${name}-role`, statements(arn)), { target: { arn } });
  };

  test("sends it its input as an event", async () => {
    const { name } = await scheduled("sweep", (arn) => [
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn },
    ]);
    expect(await trigger({ name })).toEqual({});
    await until(() => cloud.logs.includes('got {"a":1}'));
    expect(cloud.errors).toEqual([]);
  });

  test("needs the permission to invoke it", async () => {
    const { name } = await scheduled("refused-sweep", () => []);
    expect(await trigger({ name })).toEqual({ error: expect.stringContaining("lambda:InvokeFunction") });
    expect(cloud.errors).toMatchObject([{ code: "ACCESS_DENIED" }]);
  });
});

test("the schedule's role needs the permission to start the state machine", async () => {
  const { name } = await schedule("refused", await roleFor("refused-role", []));
  expect(await trigger({ name })).toEqual({ error: expect.stringContaining("states:StartExecution") });
  expect(cloud.errors).toMatchObject([{ code: "ACCESS_DENIED" }]);
});

describe("when the program is deployed", () => {
  test("a role that doesn't trust the scheduler is refused", async () => {
    const roleArn = await cloud.role("other-service", mayStart(), "lambda");
    await expect(schedule("untrusting", roleArn)).rejects.toMatchObject({ code: "ROLE_NOT_ASSUMABLE" });
  });

  test.each<[string, string, boolean]>([
    ["its group", GROUP, true],
    ["another group", `${GROUP}-other`, false],
  ])("a role that trusts the scheduler for %s only", async (name, sourceArn, taken) => {
    const statement = { Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" };
    const StringEquals = { "aws:SourceAccount": ACCOUNT, "aws:SourceArn": sourceArn };
    const assumeRolePolicy = policy([{ ...statement, Condition: { StringEquals } }]);
    const role = await cloud.make("aws:iam/role:Role", name.replaceAll(" ", "-"), { assumeRolePolicy });
    const made = schedule("conditional", String(role.arn));
    if (taken) expect(await made).toHaveProperty("arn");
    else await expect(made).rejects.toMatchObject({ code: "ROLE_NOT_ASSUMABLE" });
  });

  test.each<[string, Record<string, unknown>]>([
    ["a malformed expression", { scheduleExpression: "daily" }],
    ["an unknown state", { state: "ON" }],
    [
      "a target that is neither a state machine nor a function of the program",
      { target: { arn: "arn:aws:sqs:eu-west-1:0:queue" } },
    ],
    ["an input that is no JSON", { target: { input: "{" } }],
    ["a context attribute", { target: { input: '{"at":"<aws.scheduler.scheduled-time>"}' } }],
    ["an input of a target that would be lost", { target: { deadLetterConfig: { arn: "arn" } } }],
    ["an input that would be lost", { endDate: "2030-01-01T00:00:00Z" }],
  ])("%s is refused", async (name, inputs) => {
    const made = schedule("odd", await roleFor(`odd-${name}`.replaceAll(" ", "-")), inputs);
    await expect(made).rejects.toMatchObject({ code: "INPUT_NOT_HONOURED" });
  });
});
