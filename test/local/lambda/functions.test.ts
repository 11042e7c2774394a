import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Faults } from "../../../local/faults/faults";
import { Principals } from "../../../local/gateway/principals";
import type { FunctionSpec } from "../../../local/lambda/functionSpec";
import { Functions } from "../../../local/lambda/functions";
import { Metering } from "../../../local/metering/metering";

let folder: string;
let functions: Functions;
let faults: Faults;
let logs: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "functions-"));
  [faults, logs] = [new Faults(), ""];
  functions = new Functions({
    principals: new Principals(),
    region: "eu-central-1",
    endpoint: () => "http://127.0.0.1:4566",
    concurrency: 3,
    faults,
    metering: new Metering(),
    onLog: (_, text) => {
      logs += text;
    },
  });
});
afterEach(async () => {
  await functions.stop();
  await rm(folder, { recursive: true });
});

/** Deploys a handler of this text, exported as `handler`, and gives its ARN. */
async function deploy(source: string, spec: Partial<FunctionSpec> = {}): Promise<string> {
  const { name = "store" } = spec;
  const taskRoot = join(folder, name);
  await mkdir(taskRoot);
  await writeFile(join(taskRoot, "index.mjs"), source);
  const arn = `arn:aws:lambda:eu-central-1:000000000000:function:${name}`;
  functions.deploy({
    name,
    arn,
    roleArn: `arn:aws:iam::000000000000:role/${name}`,
    taskRoot,
    handler: "index.handler",
    timeoutSeconds: 5,
    memoryMegabytes: 128,
    environment: {},
    logGroup: `/aws/lambda/${name}`,
    reservedConcurrency: undefined,
    ...spec,
  });
  return arn;
}

async function answer(arn: string, event: unknown = {}): Promise<unknown> {
  const result = await functions.invoke(arn, event);
  if ("functionError" in result) throw new Error(result.functionError.errorMessage);
  return JSON.parse(result.payload);
}

async function errorOf(arn: string, event: unknown = {}) {
  const result = await functions.invoke(arn, event);
  if ("payload" in result) throw new Error(`answered ${result.payload}`);
  return result.functionError;
}

describe("a handler", () => {
  test("gets the event, and its answer comes back", async () => {
    const arn = await deploy("export const handler = async (event) => ({ got: event });");
    expect(await answer(arn, { a: [1] })).toEqual({ got: { a: [1] } });
  });

  test("without an answer answers null", async () => {
    expect(await answer(await deploy("export const handler = async () => undefined;"))).toBeNull();
  });

  test("keeps what it has loaded from one invocation to the next", async () => {
    const arn = await deploy("let count = 0; export const handler = async () => ++count;");
    expect([await answer(arn), await answer(arn), await answer(arn)]).toEqual([1, 2, 3]);
  });

  test("has a context with its name, its ARN and the time that is left", async () => {
    const arn = await deploy(
      "export const handler = async (_, c) => [c.functionName, c.invokedFunctionArn, c.memoryLimitInMB, c.getRemainingTimeInMillis(), c.awsRequestId.length];",
    );
    const [name, invoked, memory, remaining, requestId] = (await answer(arn)) as [
      string,
      string,
      string,
      number,
      number,
    ];
    expect([name, invoked, memory, requestId]).toEqual(["store", arn, "128", 36]);
    expect(remaining).toBeGreaterThan(3_000);
    expect(remaining).toBeLessThanOrEqual(5_000);
  });

  test("has only its own environment, and credentials of its own", async () => {
    process.env.SECRET_OF_THE_MACHINE = "secret";
    const source = "export const handler = async () => process.env;";
    const first = (await answer(await deploy(source, { environment: { OWN: "yes" } }))) as Record<string, string>;
    const second = (await answer(await deploy(source, { name: "other" }))) as Record<string, string>;
    delete process.env.SECRET_OF_THE_MACHINE;
    expect(first).toMatchObject({
      OWN: "yes",
      AWS_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
      AWS_LAMBDA_FUNCTION_NAME: "store",
    });
    expect(second).not.toHaveProperty("OWN");
    for (const environment of [first, second]) {
      expect(environment).not.toHaveProperty("SECRET_OF_THE_MACHINE");
      expect(environment).not.toHaveProperty("PATH");
    }
    expect(first.AWS_ACCESS_KEY_ID).not.toBe(second.AWS_ACCESS_KEY_ID);
  });

  test("writes to its log", async () => {
    await answer(await deploy("export const handler = async () => void console.log('written');"));
    for (let waited = 0; !logs && waited < 30_000; waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(logs).toBe("written\n");
  });
});

describe("a handler that fails", () => {
  test.each([
    ["throws", "export const handler = async () => { throw new RangeError('too much'); };", "RangeError", "too much"],
    ["throws no error", "export const handler = async () => { throw 'a text'; };", "Error", "a text"],
    ["exits", "export const handler = async () => process.exit(3);", "Runtime.ExitError", "exited"],
    [
      "leaves a rejection behind",
      "export const handler = () => new Promise(() => { Promise.reject(new Error('left')); });",
      "Error",
      "left",
    ],
    ["throws while it loads", "throw new Error('not today');", "Error", "not today"],
    ["is not exported", "export const other = 1;", "Error", "index.handler is undefined"],
    ["is no program", "export const = ;", "SyntaxError", ""],
  ])("since it %s, gives an error and not an answer", async (_, source, errorType, message) => {
    expect(await errorOf(await deploy(source))).toMatchObject({
      errorType,
      errorMessage: expect.stringContaining(message),
    });
  });

  test("goes on with the next invocation, in a new instance if the old one is gone", async () => {
    const arn = await deploy(
      "let count = 0; export const handler = async ({ how }) => { count++; if (how === 'throw') throw new Error(); if (how === 'exit') process.exit(); return count; };",
    );
    await errorOf(arn, { how: "throw" });
    expect(await answer(arn)).toBe(2);
    await errorOf(arn, { how: "exit" });
    expect(await answer(arn)).toBe(1);
  });

  test("ends itself between invocations: the next one has a new instance", async () => {
    const arn = await deploy(
      "let n = 0; export const handler = async () => { setTimeout(() => process.exit(), 20); return ++n; };",
    );
    expect(await answer(arn)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await answer(arn)).toBe(1);
  });
});

describe("the time-out", () => {
  test.each([
    ["waits", "export const handler = () => new Promise(() => setTimeout(() => {}, 600_000));"],
    ["computes without end", "export const handler = async () => { for (;;); };"],
  ])("ends a handler that %s", async (_, source) => {
    expect(await errorOf(await deploy(source, { timeoutSeconds: 0.3 }))).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/Task timed out after 0.30 seconds$/),
    });
  });

  test("is for each invocation anew", async () => {
    const arn = await deploy(
      "export const handler = () => new Promise((resolve) => setTimeout(() => resolve('done'), 1_600));",
      { timeoutSeconds: 3 },
    );
    expect([await answer(arn), await answer(arn)]).toEqual(["done", "done"]);
  });
});

describe("concurrency", () => {
  const counting =
    "let busy = 0; export const handler = async () => { const seen = ++busy; await new Promise((r) => setTimeout(r, 30)); busy--; return [seen, process.env.AWS_LAMBDA_LOG_STREAM_NAME]; };";

  test("an instance has one invocation at a time, and there are no more instances than the account allows", async () => {
    const arn = await deploy(counting);
    const answers = (await Promise.all(Array.from({ length: 9 }, () => answer(arn)))) as [number, string][];
    expect(answers.map(([seen]) => seen)).toEqual(Array(9).fill(1));
    expect(new Set(answers.map(([, instance]) => instance)).size).toBe(3);
  });

  test("there are no more instances than the function reserves", async () => {
    const arn = await deploy(counting, { reservedConcurrency: 1 });
    const answers = (await Promise.all(Array.from({ length: 4 }, () => answer(arn)))) as [number, string][];
    expect(new Set(answers.map(([, instance]) => instance)).size).toBe(1);
    expect(functions.concurrencyOf(arn)).toBe(1);
  });
});

describe("faults", () => {
  const source =
    "export const handler = async ({ wait }) => wait ? new Promise(() => setTimeout(() => {}, 600_000)) : 'done';";

  test.each([
    ["a kill", { kind: "kill", ms: { fixed: 50 } }, "Runtime.ExitError"],
    ["a hang, until the time-out", { kind: "hang" }, "Sandbox.Timedout"],
    ["a failure to load", { kind: "failToLoad" }, "Error"],
  ])("%s strikes once and the next invocation is sound", async (_, fault, errorType) => {
    faults.set({ rules: [{ service: "lambda", resource: "store", count: 1, fault }] });
    const arn = await deploy(source, { timeoutSeconds: 3 });
    expect(await errorOf(arn, { wait: fault.kind === "kill" })).toMatchObject({ errorType });
    expect(await answer(arn)).toBe("done");
  });

  test("of another function have no effect", async () => {
    faults.set({ rules: [{ service: "lambda", resource: "another", fault: { kind: "failToLoad" } }] });
    expect(await answer(await deploy(source))).toBe("done");
  });
});

test("an unknown function is an error with its ARN", () => {
  const invoke = () => functions.invoke("arn:aws:lambda:x", {});
  expect(invoke).toThrow(expect.objectContaining({ code: "UNKNOWN_FUNCTION", value: "arn:aws:lambda:x" }));
});

test("stopping ends a running invocation at once, as a failure", async () => {
  const arn = await deploy("export const handler = () => new Promise(() => setTimeout(() => {}, 60_000));");
  const running = errorOf(arn);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await functions.stop();
  expect(await running).toMatchObject({ errorType: "Runtime.ExitError" });
});

test("after a stop, invocations that wait for room fail without a start", async () => {
  const arn = await deploy("console.log('started'); export const handler = () => new Promise(() => {});");
  // Three have room.
  const invoked = Array.from({ length: 5 }, () => errorOf(arn));
  while (logs.split("started").length <= 3) await sleep(10);
  await functions.stop();
  expect((await Promise.all(invoked)).map(({ errorMessage }) => errorMessage)).toEqual(
    Array(5).fill("the local cloud stops"),
  );
  expect(logs.split("started")).toHaveLength(4);
});
