import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { SluiceError } from "../../../shared/errors";
import { type TaskHandlerOptions, taskHandler } from "../../../shared/runtime/taskHandler";
import { contextFor } from "./sqsEvents";

beforeEach(() => void jest.spyOn(process.stdout, "write").mockReturnValue(true));
afterEach(() => void jest.restoreAllMocks());

function handlerOf(work: TaskHandlerOptions<unknown>["work"]) {
  const logger = new Logger({ serviceName: "test", logLevel: "SILENT" });
  return taskHandler({ work, logger });
}

test("a task's answer is the answer of its work, which gets the input and the invocation", async () => {
  const context = contextFor(30_000);
  const handler = handlerOf(async (event, signal, given) => ({
    event,
    aborted: signal.aborted,
    same: given === context,
  }));
  expect(await handler({ job: "a" }, context)).toEqual({ event: { job: "a" }, aborted: false, same: true });
});

test("an error of ours has its code as its name, which is all that a state machine sees", async () => {
  const error = new SluiceError("NO_SUCH_JOB", "There is no job a.", { value: "a" });
  const handler = handlerOf(() => Promise.reject(error));
  await expect(handler({}, contextFor(30_000))).rejects.toMatchObject({
    ...{ name: "NO_SUCH_JOB", message: "There is no job a.", cause: error },
  });
});

test("metrics are written with the answer", async () => {
  const metrics = new Metrics({ namespace: "Sluice", serviceName: "test" });
  const written = jest.spyOn(metrics, "publishStoredMetrics").mockImplementation();
  const work = async () => void metrics.addMetric("Done", MetricUnit.Count, 1);
  await taskHandler({ work, logger: new Logger({ serviceName: "test", logLevel: "SILENT" }), metrics })(
    {},
    contextFor(30_000),
  );
  expect(written).toHaveBeenCalledTimes(1);
});

test("a task that counts nothing writes no warning", async () => {
  const warn = jest.fn();
  const quiet = { debug: jest.fn(), info: jest.fn(), error: jest.fn(), warn };
  const metrics = new Metrics({ namespace: "Sluice", serviceName: "test", logger: quiet });
  const logger = new Logger({ serviceName: "test", logLevel: "SILENT" });
  await taskHandler({ work: async () => "done", logger, metrics })({}, contextFor(30_000));
  expect(warn).not.toHaveBeenCalled();
});

test("any other error keeps its name", async () => {
  const error = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
  const handler = handlerOf(() => Promise.reject(error));
  await expect(handler({}, contextFor(30_000))).rejects.toBe(error);
});

describe("when the time is nearly over", () => {
  const untilAborted = (signal: AbortSignal) =>
    new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));

  test("the task fails with the error of the work, not with one of the time", async () => {
    const handler = handlerOf(async (_event, signal) => {
      await untilAborted(signal);
      throw new SluiceError("OUT_OF_TIME", "the last call failed", { retryable: true });
    });
    // One and a half seconds are kept for the answer.
    const handled = handler({}, contextFor(1_520));
    await expect(handled).rejects.toMatchObject({ name: "OUT_OF_TIME", message: "the last call failed" });
  });

  test("work that ends just then still gives its answer", async () => {
    const handler = handlerOf(async (_event, signal) => {
      await untilAborted(signal);
      return "done";
    });
    expect(await handler({}, contextFor(1_520))).toBe("done");
  });
});
