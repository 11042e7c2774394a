import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { Operator } from "../../../cli/operator";
import { checkPlan } from "../../../cli/smoke/jobsCheck";

const PLAN = {
  work: { operation: "count", table: "results" },
  ...{ filtered: true, consistentRead: true, items: 5, bytes: 1_000, onePassRcu: 20_000, units: 1 },
  limits: [{ direction: "read", table: "results", limits: { table: 100 } }],
  workers: { memoryMegabytes: 256, timeoutSeconds: 60, maximumConcurrency: 16 },
  warnings: [],
};

/** Calls a start function that gives this answer. @returns also the requests that the function got */
async function planned(answer: object, table?: string) {
  const requests: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: { Payload: string } }) => {
    requests.push(JSON.parse(input.Payload).estimate);
    return { Payload: Buffer.from(JSON.stringify(answer)) };
  };
  const operator = { lambda: { send } as unknown as LambdaClient, startFunction: "jobs-start" } as Operator;
  const check = checkPlan({ operator, run: "smoke-1", table, resultsTable: "results" });
  return {
    failure: await check.then(
      () => undefined,
      (error) => error,
    ),
    requests,
  };
}

test("the jobs read the run's own items in the results table, or all items of a table that was named", async () => {
  const common = { operation: "count", readRate: "25%", consistentRead: true, jobId: "smoke-1-count" };
  const own = { filter: "begins_with(user_id, :run)", values: { ":run": "smoke-1-" } };
  expect(await planned({ plan: PLAN })).toEqual({
    failure: undefined,
    requests: [{ ...common, table: "results", ...own }],
  });
  expect((await planned({ plan: PLAN }, "small")).requests).toEqual([{ ...common, table: "small" }]);
});

test.each([
  [
    { plan: { ...PLAN, onePassRcu: 20_001 } },
    "reading table results takes 20,001 RCU, more than the 20,000 that a smoke test may cost",
  ],
  [{ code: "REFUSED", problems: ["There is no table.", "Nor an index."] }, "There is no table. Nor an index."],
])("nothing is sent if the start function answers %j", async (answer, sentence) => {
  const { failure } = await planned(answer);
  expect(failure).toMatchObject({ code: "SMOKE_FAILED", message: expect.stringContaining(sentence) });
});
