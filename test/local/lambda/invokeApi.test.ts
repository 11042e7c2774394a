import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { SmallCloud, until } from "../smallCloud";

let cloud: SmallCloud;
let client: LambdaClient;
let echo: { name: string; arn: string };
beforeAll(async () => {
  cloud = await SmallCloud.start();
  client = new LambdaClient(cloud.as());
  echo = await cloud.function(
    "echo",
    "export const handler = async (event, context) => [event, context.awsRequestId];",
  );
});
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
});
afterEach(() => cloud.parts.faults.set({ rules: [] }));

const invoke = (FunctionName: string, payload?: unknown, more: Partial<InvokeCommandInput> = {}) =>
  client.send(
    new InvokeCommand({
      FunctionName,
      ...(payload === undefined ? {} : { Payload: JSON.stringify(payload) }),
      ...more,
    }),
  );
const parsed = (payload: { transformToString(): string } | undefined) => JSON.parse(payload?.transformToString() ?? "");

describe("a function that is waited for", () => {
  test.each([
    ["its name", () => "echo"],
    ["its ARN", () => echo.arn],
    ["account and name", () => "000000000000:function:echo"],
    ["its name and $LATEST", () => "echo:$LATEST"],
  ])("is called by %s, and answers", async (_, name) => {
    const { StatusCode, Payload, ExecutedVersion, FunctionError, $metadata } = await invoke(name(), { a: 1 });
    expect([StatusCode, ExecutedVersion, FunctionError]).toEqual([200, "$LATEST", undefined]);
    expect(parsed(Payload)).toEqual([{ a: 1 }, $metadata.requestId]);
  });

  test("gets the caller's client context, and refuses one that is no JSON object", async () => {
    const of = (text: string) => ({ ClientContext: Buffer.from(text).toString("base64") });
    const source = "export const handler = async (_event, { clientContext }) => clientContext;";
    const { name } = await cloud.function("client-context", source);
    expect(parsed((await invoke(name, {}, of('{"custom":{"caller":"ana"}}'))).Payload)).toEqual({
      custom: { caller: "ana" },
    });
    expect(parsed((await invoke(name)).Payload)).toBeNull();
    for (const wrong of ["[]", "text", "1"]) {
      await expect(invoke("echo", {}, of(wrong))).rejects.toMatchObject({ name: "InvalidRequestContentException" });
    }
  });

  test("gets an empty event without a payload", async () => {
    expect(parsed((await invoke("echo")).Payload)[0]).toEqual({});
  });

  test.each([
    ["throws", "export const handler = async () => { throw new RangeError('too much'); };", "RangeError"],
    ["exits", "export const handler = async () => process.exit(1);", "Runtime.ExitError"],
    [
      "takes too long",
      "export const handler = () => new Promise(() => setTimeout(() => {}, 9_999));",
      "Sandbox.Timedout",
    ],
    [
      "answers more than 6 MB",
      "export const handler = async () => 'x'.repeat(6_291_556);",
      "Function.ResponseSizeTooLarge",
    ],
  ])("and %s is answered with its error", async (how, source, errorType) => {
    const { name } = await cloud.function(how.replaceAll(" ", "-"), source, {
      timeout: errorType === "Sandbox.Timedout" ? 1 : 60,
    });
    const { StatusCode, Payload, FunctionError } = await invoke(name);
    expect([StatusCode, FunctionError]).toEqual([200, "Unhandled"]);
    expect(parsed(Payload)).toMatchObject({ errorType, errorMessage: expect.any(String) });
  });
});

describe("a request is refused", () => {
  test.each<[string, () => Promise<unknown>, string, number]>([
    ["for a function that is not there", () => invoke("nobody"), "ResourceNotFoundException", 404],
    ["for a version that is not there", () => invoke("echo:3"), "ResourceNotFoundException", 404],
    [
      "for an alias that is not there",
      () => invoke("echo", {}, { Qualifier: "live" }),
      "ResourceNotFoundException",
      404,
    ],
    [
      "with a payload that is no JSON",
      () => invoke("echo", undefined, { Payload: "{" }),
      "InvalidRequestContentException",
      400,
    ],
    [
      "with a payload that is no text",
      () => invoke("echo", undefined, { Payload: new Uint8Array([0x22, 0xff, 0x22]) }),
      "InvalidRequestContentException",
      400,
    ],
    ["with more than 6 MB", () => invoke("echo", "x".repeat(6_291_456)), "RequestEntityTooLargeException", 413],
    [
      "with an event of more than 1 MB",
      () => invoke("echo", "x".repeat(1_048_576), { InvocationType: "Event" }),
      "RequestEntityTooLargeException",
      413,
    ],
    [
      "of a type that is not there",
      () => invoke("echo", {}, { InvocationType: "Later" as "Event" }),
      "InvalidParameterValueException",
      400,
    ],
    [
      "that asks for the end of the log, which is not kept by invocation",
      () => invoke("echo", {}, { LogType: "Tail" }),
      "NotImplemented",
      501,
    ],
    ["for what is not modelled", () => client.send(new ListFunctionsCommand({})), "NotImplemented", 501],
  ])("%s", async (_, call, name, httpStatusCode) => {
    await expect(call()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });

  test("if the reserved concurrency is used up; nothing waits for room", async () => {
    const wait = "export const handler = () => new Promise((resolve) => setTimeout(() => resolve('done'), 3_000));";
    const { name, arn } = await cloud.function("one-at-a-time", wait, { reservedConcurrentExecutions: 1 });
    const first = invoke(name);
    await until(() => !cloud.parts.functions.hasRoom(arn));
    await expect(invoke(name)).rejects.toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      $metadata: { httpStatusCode: 429 },
    });
    expect(parsed((await first).Payload)).toBe("done");
  });
});

describe("an event that nobody waits for", () => {
  /** Fails as often as its event says, then writes its request id to the log. */
  const failing =
    "let calls = 0; export const handler = async ({ failures }, { awsRequestId }) => { calls++; console.log('call', awsRequestId); if (calls <= failures) throw new Error('not yet'); };";
  const attempts = (requestId: string | undefined) => cloud.logs.split(`${requestId}\n`).length - 1;

  test("is accepted at once, and repeated with the same id until the function succeeds", async () => {
    const { name } = await cloud.function("fails-twice", failing);
    const { StatusCode, $metadata } = await invoke(name, { failures: 2 }, { InvocationType: "Event" });
    expect(StatusCode).toBe(202);
    await until(() => attempts($metadata.requestId) === 3);
    expect(cloud.errors).toEqual([]);
  });

  test("is dropped after three attempts, and this is reported", async () => {
    const { name, arn } = await cloud.function("always-fails", failing);
    const { $metadata } = await invoke(name, { failures: 9 }, { InvocationType: "Event" });
    await until(() => cloud.errors.length > 0);
    expect(cloud.errors.splice(0)).toEqual([expect.objectContaining({ code: "EVENT_DROPPED", value: arn })]);
    expect(attempts($metadata.requestId)).toBe(3);
  });
});

test("a dry run calls nothing", async () => {
  const { name } = await cloud.function("dry", "export const handler = async () => console.log('not dry');");
  expect((await invoke(name, {}, { InvocationType: "DryRun" })).StatusCode).toBe(204);
  expect(cloud.logs).not.toContain("not dry");
});

test("a function's configuration can be read", async () => {
  const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "echo" }));
  expect(configuration).toMatchObject({ FunctionArn: echo.arn, Timeout: 5, MemorySize: 256, State: "Active" });
});

describe("a role", () => {
  test("may invoke what its policy names, and nothing else; both are recorded", async () => {
    const arn = await cloud.role("operator", [
      { Sid: "Start", Effect: "Allow", Action: "lambda:InvokeFunction", Resource: echo.arn },
    ]);
    const other = await cloud.function("other", "export const handler = async () => 1;");
    const operator = new LambdaClient(cloud.as(arn));
    expect((await operator.send(new InvokeCommand({ FunctionName: "echo" }))).StatusCode).toBe(200);
    await expect(operator.send(new InvokeCommand({ FunctionName: "other" }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringMatching(
        /is not authorized to perform: lambda:InvokeFunction on resource: .*:function:other /,
      ),
      $metadata: { httpStatusCode: 403 },
    });
    const { used, refused } = cloud.report().roles.find(({ role }) => role === "operator") ?? {};
    expect(used).toMatchObject([{ action: "lambda:InvokeFunction", sid: "Start", times: 1 }]);
    expect(refused).toMatchObject([{ action: "lambda:InvokeFunction", resource: other.arn, times: 1 }]);
    cloud.errors.length = 0;
  });
});

describe("faults", () => {
  test("for API calls strike the call, faults of Lambda strike the invocation, and neither counts for the other", async () => {
    const wait = "export const handler = () => new Promise((resolve) => setTimeout(resolve, 100));";
    const { name } = await cloud.function("slow", wait);
    cloud.parts.faults.set({
      rules: [
        {
          service: "lambda",
          caller: "everybody",
          count: 1,
          fault: { kind: "error", code: "ServiceException", status: 500 },
        },
        { service: "lambda", resource: "slow", count: 1, fault: { kind: "kill", ms: { fixed: 0 } } },
      ],
    });
    await expect(invoke(name)).rejects.toMatchObject({
      name: "ServiceException",
      $metadata: { httpStatusCode: 500 },
    });
    expect(cloud.parts.faults.report().rules.map(({ matched }) => matched)).toEqual([1, 0]);
    expect((await invoke(name)).FunctionError).toBe("Unhandled");
    expect((await invoke(name)).FunctionError).toBeUndefined();
    expect(cloud.parts.faults.report().rules).toMatchObject([
      { matched: 3, struck: 1 },
      { matched: 2, struck: 1 },
    ]);
  });
});
