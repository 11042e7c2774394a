import { Faults } from "../../../local/faults/faults";
import { faultStage } from "../../../local/faults/stage";
import type { Call, Service } from "../../../local/gateway/call";
import { brokenConnection } from "../../../local/gateway/message";
import { answer, request } from "../gateway/requests";

let kills: number;
let slept: number[];
let reached: number;
beforeEach(() => {
  [kills, slept, reached] = [0, [], 0];
});

const clock = {
  now: () => 0,
  sleep: async (ms: number) => void slept.push(ms),
};

function callOf(service: Service, action: string, fields: Partial<Call> = {}): Call {
  const kill = () => void kills++;
  return {
    service,
    action,
    principal: { kind: "role", roleArn: "role", sessionName: "session", kill },
    request: request({ url: "/raw-1/0001.json", headers: { host: "127.0.0.1" } }),
    input: {},
    ...fields,
  };
}

/** Lets a call pass a stage with one rule. */
function pass(rule: object, call: Call) {
  const faults = new Faults();
  faults.set({ rules: [rule] });
  return faultStage(faults, clock)(call, async () => {
    reached++;
    return answer(200, "done");
  });
}

test.each<[string, object, { reached: number; kills: number; broken: boolean }]>([
  [
    "lost: the call takes effect, but the answer does not come",
    { kind: "lost" },
    { reached: 1, kills: 0, broken: true },
  ],
  ["reset: the call does not take effect", { kind: "reset" }, { reached: 0, kills: 0, broken: true }],
  ["killed before", { kind: "killCaller" }, { reached: 0, kills: 1, broken: true }],
  ["killed after", { kind: "killCaller", when: "after" }, { reached: 1, kills: 1, broken: true }],
  ["late", { kind: "latency", ms: { fixed: 30 } }, { reached: 1, kills: 0, broken: false }],
])("a call that is %s", async (_, fault, expected) => {
  const response = await pass({ service: "s3", fault }, callOf("s3", "PutObject"));
  expect({ reached, kills, broken: response === brokenConnection }).toEqual(expected);
});

test("latency is waited for before anything is done", async () => {
  await pass({ service: "s3", fault: { kind: "latency", ms: { fixed: 30 } } }, callOf("s3", "PutObject"));
  expect(slept).toEqual([30]);
});

test("an error comes instead of the call, in the shape of the service", async () => {
  const fault = { kind: "error", code: "ThrottlingException", status: 400, message: "slower" };
  const response = await pass({ service: "dynamodb", fault }, callOf("dynamodb", "PutItem"));
  expect([response.status, JSON.parse(response.body.toString())]).toEqual([
    400,
    expect.objectContaining({ __type: expect.stringMatching(/#ThrottlingException$/), message: "slower" }),
  ]);
  expect(reached).toBe(0);
});

test.each<[string, Call, string]>([
  ["bucket and key", callOf("s3", "PutObject"), "raw-1/0001.json"],
  ["the queue's URL", callOf("sqs", "SendMessage", { input: { QueueUrl: "http://x/0/jobs-1" } }), "jobs-1"],
  ["a table", callOf("dynamodb", "PutItem", { input: { TableName: "results-1" } }), "results-1"],
  [
    "a table of a transaction",
    callOf("dynamodb", "TransactWriteItems", {
      input: { TransactItems: [{ Put: { TableName: "submissions-1" } }, { Update: { TableName: "results-1" } }] },
    }),
    "results-1",
  ],
  [
    "a table of a batch",
    callOf("dynamodb", "BatchWriteItem", { input: { RequestItems: { "results-1": [] } } }),
    "results-1",
  ],
])("a rule's resource is found in %s", async (_, call, resource) => {
  const rule = { service: call.service, fault: { kind: "reset" } };
  expect(await pass({ ...rule, resource }, call)).toBe(brokenConnection);
  expect(await pass({ ...rule, resource: "another" }, call)).not.toBe(brokenConnection);
});

test("calls of services without faults pass", async () => {
  expect((await pass({ service: "s3", fault: { kind: "reset" } }, callOf("sts", "GetCallerIdentity"))).status).toBe(
    200,
  );
});

test.each<[string, object]>([
  [
    "BatchExecuteStatement",
    { Statements: [{ Statement: 'UPDATE "other" SET q = 1' }, { Statement: "DELETE FROM jobs" }] },
  ],
  ["ExecuteStatement", { Statement: "SELECT * FROM jobs" }],
  ["ExportTableToPointInTime", { TableArn: "arn:aws:dynamodb:eu-west-1:000000000000:table/jobs" }],
])("a rule for a table strikes %s, which names it in its own way", async (action, input) => {
  const rule = { service: "dynamodb", resource: "jobs", fault: { kind: "lost" } };
  const call = callOf("dynamodb", action, { input: input as Call["input"] });
  expect(await pass(rule, call)).toBe(brokenConnection);
  expect(reached).toBe(1);
  const other = { ...rule, resource: "nothing" };
  expect((await pass(other, call)).status).toBe(200);
});
