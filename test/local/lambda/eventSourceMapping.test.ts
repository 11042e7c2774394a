import { Faults } from "../../../local/faults/faults";
import {
  EventSourceMapping,
  type EventSourceMappingOptions,
  succeeded,
} from "../../../local/lambda/eventSourceMapping";
import type { InvocationResult } from "../../../local/lambda/functionSpec";

interface Message {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
}

const message = (id: string, Body = "{}"): Message => ({
  MessageId: id,
  ReceiptHandle: `handle of ${id}`,
  Body,
  MD5OfBody: "",
});
const payload = (value: unknown): InvocationResult => ({ payload: JSON.stringify(value) });
const failures = (...ids: unknown[]) =>
  payload({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe("the messages to delete after a partial batch response", () => {
  const batch = ["a", "b", "c"].map((id) => message(id));

  test.each<[string, InvocationResult, string[]]>([
    ["an empty list", failures(), ["a", "b", "c"]],
    ["a list that is null", payload({ batchItemFailures: null }), ["a", "b", "c"]],
    ["{}", payload({}), ["a", "b", "c"]],
    ["null, as from a handler that returns nothing", payload(null), ["a", "b", "c"]],
    ["an empty text", payload(""), ["a", "b", "c"]],
    ["one failure", failures("b"), ["a", "c"]],
    ["one failure twice", failures("b", "b"), ["a", "c"]],
    ["all failed", failures("c", "b", "a"), []],
    ["an unknown message", failures("a", "x"), []],
    ["an empty identifier", failures("a", ""), []],
    ["an identifier of null", failures(null), []],
    ["another key than itemIdentifier", payload({ batchItemFailures: [{ messageId: "a" }] }), []],
    ["identifiers without objects around them", payload({ batchItemFailures: ["a"] }), []],
    ["null among the failures", payload({ batchItemFailures: [null] }), []],
    ["a list that is no list", payload({ batchItemFailures: "a" }), []],
    ["a text", payload("done"), []],
    ["a number", payload(17), []],
    ["true", payload(true), []],
    ["the list alone", payload([{ itemIdentifier: "a" }]), []],
    ["an error", { functionError: { errorType: "Error", errorMessage: "failed" } }, []],
  ])("%s", (_, result, expected) => {
    expect(succeeded(batch, result).map(({ MessageId }) => MessageId)).toEqual(expected);
  });
});

describe("polling", () => {
  let mapping: EventSourceMapping | undefined;
  afterEach(async () => {
    mapping?.stop();
    await mapping?.stopped();
  });

  /** A queue in memory whose messages are received once, and a function that gives the answers of the test. */
  function poll(messages: Message[], options: Partial<EventSourceMappingOptions> = {}) {
    const batches: string[][] = [];
    const deleted: string[] = [];
    const errors: unknown[] = [];
    const receives: { MaxNumberOfMessages: number; WaitTimeSeconds: number }[] = [];
    let [inWork, most] = [0, 0];
    const sqs = async (action: string, input: object): Promise<unknown> => {
      if (action === "DeleteMessageBatch") {
        const { Entries } = input as { Entries: { ReceiptHandle: string }[] };
        expect(Entries.length).toBeLessThanOrEqual(10);
        deleted.push(...Entries.map(({ ReceiptHandle }) => ReceiptHandle.replace("handle of ", "")));
        return {};
      }
      receives.push(input as (typeof receives)[number]);
      const { MaxNumberOfMessages } = input as { MaxNumberOfMessages: number };
      if (messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return { Messages: messages.splice(0, MaxNumberOfMessages) };
    };
    const { invoke = async () => failures(), ...rest } = options;
    mapping = new EventSourceMapping({
      queueUrl: "queue",
      queueArn: "arn:aws:sqs:us-east-1:000000000000:queue",
      region: "us-east-1",
      batchSize: 10,
      batchWindowSeconds: 0,
      maximumConcurrency: 2,
      reportBatchItemFailures: true,
      faults: new Faults(),
      sqs: sqs as EventSourceMappingOptions["sqs"],
      onError: (error) => errors.push(error),
      ...rest,
      invoke: async (event) => {
        most = Math.max(most, ++inWork);
        batches.push((event as { Records: { messageId: string }[] }).Records.map(({ messageId }) => messageId));
        return invoke(event).finally(() => inWork--);
      },
    });
    mapping.start();
    return { batches, deleted, errors, receives, most: () => most };
  }

  const many = (count: number, body?: string) =>
    Array.from({ length: count }, (_, index) => message(`m${index}`, body));
  const until = async (done: () => boolean) => {
    for (let waited = 0; !done() && waited < 30_000; waited += 5)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(done()).toBe(true);
  };

  test("a batch has at most the batch size; processed messages are deleted", async () => {
    const { batches, deleted } = poll(many(7), { batchSize: 3 });
    await until(() => deleted.length === 7);
    expect(batches.map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  test("failed messages are not deleted", async () => {
    const { deleted } = poll(many(3), { invoke: async () => failures("m1") });
    await until(() => deleted.length === 2);
    expect(deleted).toEqual(["m0", "m2"]);
  });

  test("without partial batch responses the answer does not matter, and an error keeps the whole batch", async () => {
    const answers: InvocationResult[] = [{ functionError: { errorType: "Error", errorMessage: "" } }, failures("m1")];
    const invoke = async () => answers.shift() ?? failures();
    const { deleted, batches } = poll(many(2), { batchSize: 1, reportBatchItemFailures: false, invoke });
    await until(() => batches.length === 2 && deleted.length === 1);
    expect(deleted).toEqual(["m1"]);
  });

  test("with a window a batch is larger than SQS hands out at a time", async () => {
    const { batches, deleted, receives } = poll(many(25), { batchSize: 25, batchWindowSeconds: 300 });
    await until(() => deleted.length === 25);
    expect(batches.map(({ length }) => length)).toEqual([25]);
    for (const { WaitTimeSeconds } of receives) expect(WaitTimeSeconds).toBeLessThanOrEqual(20);
  });

  test("when the window is over, a batch is handed over even if it isn't full", async () => {
    const { batches, deleted } = poll(many(3), { batchSize: 25, batchWindowSeconds: 0.1 });
    await until(() => deleted.length === 3);
    expect(batches).toEqual([["m0", "m1", "m2"]]);
  });

  test("a batch stays under 6 MB", async () => {
    const { batches, deleted } = poll(many(10, "x".repeat(1_000_000)));
    await until(() => deleted.length === 10);
    expect(batches.map(({ length }) => length)).toEqual([5, 5]);
  });

  test("never more batches are in work than the maximum concurrency", async () => {
    const waiting: (() => void)[] = [];
    /** Ends when three batches are in work. */
    const invoke = async () => {
      await new Promise<void>((resolve) => {
        if (waiting.push(resolve) === 3) for (const end of waiting.splice(0)) end();
      });
      return failures();
    };
    const { deleted, most } = poll(many(21), { batchSize: 1, maximumConcurrency: 3, invoke });
    await until(() => deleted.length === 21);
    expect(most()).toBe(3);
  });

  test("if an invocation cannot be made, that is reported, its messages stay, and polling goes on", async () => {
    let first = true;
    const invoke = async () => {
      if (!first) return failures();
      first = false;
      throw new Error("no room");
    };
    const { deleted, errors } = poll(many(2), { batchSize: 1, invoke });
    await until(() => deleted.length === 1);
    expect([deleted, errors]).toEqual([["m1"], [new Error("no room")]]);
  });

  test("an answer that is not JSON is reported and deletes nothing", async () => {
    const { deleted, errors } = poll(many(1), { invoke: async () => ({ payload: "undefined" }) });
    await until(() => errors.length === 1);
    expect(deleted).toEqual([]);
  });

  test("a record has the form of Lambda's records", async () => {
    const events: unknown[] = [];
    const invoke = async (event: unknown) => {
      events.push(event);
      return failures();
    };
    const { deleted } = poll([{ ...message("a", "body"), Attributes: { SentTimestamp: "1" } } as Message], { invoke });
    await until(() => deleted.length === 1);
    expect(events).toEqual([
      {
        Records: [
          {
            messageId: "a",
            receiptHandle: "handle of a",
            body: "body",
            attributes: { SentTimestamp: "1" },
            messageAttributes: {},
            md5OfBody: "",
            eventSource: "aws:sqs",
            eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:queue",
            awsRegion: "us-east-1",
          },
        ],
      },
    ]);
  });

  test("a duplicate is delivered in a separate batch, beside the first", async () => {
    const faults = new Faults();
    faults.set({
      rules: [{ service: "eventSourceMapping", fault: { kind: "duplicate" }, action: "Deliver", count: 1 }],
    });
    const { batches } = poll(many(2), { faults });
    await until(() => batches.length === 2);
    expect(batches).toEqual([["m0", "m1"], ["m0"]]);
  });
});
