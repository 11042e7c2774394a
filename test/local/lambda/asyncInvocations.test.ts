import { AsyncInvocations } from "../../../local/lambda/asyncInvocations";
import type { InvocationResult } from "../../../local/lambda/functionSpec";
import { until } from "../smallCloud";

const ARN = "arn:aws:lambda:eu-west-1:000000000000:function:f";
const failed: InvocationResult = { functionError: { errorType: "Error", errorMessage: "not today" } };
const done: InvocationResult = { payload: "null" };

function accept(results: InvocationResult[], retryAfterMs = [1, 2]) {
  const ids: string[] = [];
  const errors: unknown[] = [];
  const invocations = new AsyncInvocations({
    invoke: async (_, __, requestId) => {
      ids.push(requestId);
      return results.shift() ?? done;
    },
    retryAfterMs,
    onError: (error) => errors.push(error),
  });
  invocations.accept(ARN, {}, "id");
  return { ids, errors, invocations };
}

test.each<[string, InvocationResult[], number, number]>([
  ["succeeds at once", [done], 1, 0],
  ["fails once", [failed, done], 2, 0],
  ["fails twice", [failed, failed, done], 3, 0],
  ["fails for good", [failed, failed, failed, done], 3, 1],
])("an event that %s", async (_, results, attempts, dropped) => {
  const { ids, errors, invocations } = accept(results);
  await until(() => invocations.size === 0);
  expect(ids).toEqual(Array(attempts).fill("id"));
  expect(errors).toHaveLength(dropped);
});

test("an event that cannot be delivered is reported", async () => {
  const errors: unknown[] = [];
  const invoke = () => Promise.reject(new Error("no function"));
  const invocations = new AsyncInvocations({ invoke, onError: (error) => errors.push(error) });
  invocations.accept(ARN, {});
  await until(() => invocations.size === 0);
  expect(errors).toEqual([new Error("no function")]);
});

test("stopping ends the wait for the next attempt, without a message", async () => {
  const { ids, errors, invocations } = accept([failed], [60_000]);
  await until(() => ids.length === 1);
  invocations.stop();
  await until(() => invocations.size === 0);
  expect([ids, errors]).toEqual([["id"], []]);
});
