import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type SqsHandlerOptions, sqsHandler } from "../../../shared/runtime/sqsHandler";
import { contextFor, record, sqsEvent } from "./sqsEvents";

type Work = SqsHandlerOptions["work"];

/** The answer of SQS, which the signal ends. */
type SqsAnswer = (signal: AbortSignal) => Promise<object>;

let steps: string[];
let hidden: string[];
let sqsAnswer: SqsAnswer;
let concurrency: number;
let logger: Logger;
let metrics: Metrics;
beforeEach(() => {
  [steps, hidden, sqsAnswer, concurrency] = [[], [], async () => ({}), 2];
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    if (String(text).includes('"Done"')) steps.push("metrics");
    return true;
  });
  logger = new Logger({ serviceName: "test" });
  jest.spyOn(logger, "warn").mockImplementation(() => void steps.push("warned"));
  metrics = new Metrics({ namespace: "Sluice", serviceName: "test" });
});
afterEach(() => void jest.restoreAllMocks());

/** Handles an event whose records are worked on as the test says. */
function handle(work: Work, event: SQSEvent, context: Context = contextFor(30_000)): Promise<SQSBatchResponse> {
  const send = (
    { input }: { input: { Entries: { ReceiptHandle: string }[] } },
    { abortSignal }: { abortSignal: AbortSignal },
  ) => {
    steps.push("hidden");
    hidden.push(...input.Entries.map(({ ReceiptHandle }) => ReceiptHandle.replace("handle of ", "")));
    return sqsAnswer(abortSignal);
  };
  const handler = sqsHandler({
    work: async (...args) => {
      await work(...args);
      metrics.addMetric("Done", MetricUnit.Count, 1);
    },
    onFailure: (error, { messageId }) => {
      metrics.addMetric("Done", MetricUnit.Count, 0);
      steps.push(`told of ${messageId}: ${(error as { code?: string }).code ?? (error as Error).message}`);
    },
    concurrency,
    sqs: { send } as unknown as SQSClient,
    queueUrl: "queue",
    random: () => 0,
    logger,
    metrics,
  });
  return handler(event, context);
}

const failing =
  (...ids: string[]): Work =>
  async ({ messageId }: SQSRecord) => {
    if (ids.includes(messageId)) throw new Error("failed");
  };
const failures = ({ batchItemFailures }: SQSBatchResponse) =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

describe("the answer", () => {
  test.each<[string, string[], string[]]>([
    ["all are done", ["a", "b", "c"], []],
    ["one failed", ["a", "b", "c"], ["b"]],
    ["all failed", ["a", "b"], ["a", "b"]],
    ["there were none", [], []],
  ])(
    "names what failed when %s, always in a list, because Lambda reads anything less as 'all done'",
    async (_, ids, bad) => {
      expect(await handle(failing(...bad), sqsEvent(...ids))).toEqual({
        batchItemFailures: bad.map((itemIdentifier) => ({ itemIdentifier })),
      });
    },
  );

  test("names all records when the handler itself fails, and all are hidden", async () => {
    concurrency = 0;
    expect(failures(await handle(failing(), sqsEvent("a", "b")))).toEqual(["a", "b"]);
    expect(hidden).toEqual(["a", "b"]);
  });

  test("names only the records for which there was no time", async () => {
    const work: Work = async ({ messageId }) => {
      if (messageId === "slow") await new Promise(() => undefined);
    };
    const answer = await handle(work, sqsEvent("quick", "slow", "slower", "quick2"), contextFor(1_500 + 2_000));
    expect(failures(answer)).toEqual(["slow"]);
  });

  test("names all records if too little time is left to begin, and begins none", async () => {
    const work = jest.fn(async () => undefined);
    expect(failures(await handle(work, sqsEvent("a", "b"), contextFor(1_000)))).toEqual(["a", "b"]);
    expect(work).not.toHaveBeenCalled();
  });

  test("does not depend on whether SQS accepts the new visibility timeouts", async () => {
    sqsAnswer = () => Promise.reject(new Error("SQS is down"));
    expect(failures(await handle(failing("a"), sqsEvent("a", "b")))).toEqual(["a"]);
    expect(steps).toContain("warned");
  });

  test("comes when the time is over even if SQS never answers", async () => {
    sqsAnswer = (signal) => (signal.aborted ? Promise.reject(signal.reason) : new Promise(() => undefined));
    const timeout = jest.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.abort());
    expect(failures(await handle(failing("a"), sqsEvent("a")))).toEqual(["a"]);
    expect(timeout).toHaveBeenCalledTimes(1);
  });
});

test("failed records are hidden before they are reported, and all of that is in the metrics of the invocation", async () => {
  await handle(failing("a", "c"), sqsEvent("a", "b", "c"));
  expect(hidden).toEqual(["a", "c"]);
  expect(steps).toEqual(["hidden", "told of a: failed", "told of c: failed", "metrics"]);
});

test("metrics are written once an invocation, and nothing is carried over to the next one", async () => {
  await handle(failing(), sqsEvent("a"));
  await handle(failing(), sqsEvent("b"));
  expect(steps).toEqual(["metrics", "metrics"]);
});

test("two records with the same content are two records", async () => {
  const seen: string[] = [];
  const Records = ["a", "b"].map((id) => record(id, { body: "the same" }));
  await handle(async ({ messageId }) => void seen.push(messageId), { Records });
  expect(seen).toEqual(["a", "b"]);
});
