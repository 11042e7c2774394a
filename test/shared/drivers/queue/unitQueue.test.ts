import type { SendMessageBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { isTransient } from "../../../../shared/aws/transient";
import { SqsUnitQueue, unitMessage } from "../../../../shared/drivers/queue/unitQueue";
import type { UnitMessage } from "../../../../shared/jobs/stores";

type Answer = { Failed?: { Id: string; Code?: string; Message?: string; SenderFault?: boolean }[] } | Error;

/** A queue that keeps what it takes, and says to the n-th request what the test wants. */
function queueThat(answers: readonly Answer[] = []) {
  const requests: SendMessageBatchCommandInput[] = [];
  const taken: UnitMessage[] = [];
  const send = async ({ input }: { input: SendMessageBatchCommandInput }) => {
    const answer = answers[requests.push(input) - 1] ?? {};
    if (answer instanceof Error) throw answer;
    const failed = new Set((answer.Failed ?? []).map(({ Id }) => Id));
    for (const { Id, MessageBody } of input.Entries ?? []) if (!failed.has(Id!)) taken.push(JSON.parse(MessageBody!));
    return answer;
  };
  const retry = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    }
  };
  const queue = new SqsUnitQueue({ sqs: { send } as unknown as SQSClient, queueUrl: "https://segments", retry });
  return { queue, requests, taken };
}

const messages = (count: number): UnitMessage[] =>
  Array.from({ length: count }, (_, unit) => ({ job: "job-1", unit, turn: 0 }));
const units = (taken: readonly UnitMessage[]) => [...new Set(taken.map(({ unit }) => unit))].sort((a, b) => a - b);

test.each([
  [0, []],
  [1, [1]],
  [10, [10]],
  [23, [10, 10, 3]],
])("%d messages go in batches of ten at most", async (count, sizes) => {
  const { queue, requests, taken } = queueThat();
  await queue.send(messages(count));
  expect(requests.map(({ Entries }) => Entries?.length)).toEqual(sizes);
  expect(taken).toEqual(messages(count));
  for (const { QueueUrl, Entries } of requests) {
    expect(QueueUrl).toBe("https://segments");
    expect(new Set(Entries?.map(({ Id }) => Id)).size).toBe(Entries?.length);
  }
});

test("a batch of which a part was not taken is sent again, until all of it was", async () => {
  const busy = (...ids: string[]) => ({ Failed: ids.map((Id) => ({ Id, Code: "InternalError", Message: "busy" })) });
  const { queue, requests, taken } = queueThat([busy("3", "7"), busy("0"), busy("9"), {}]);
  await queue.send(messages(12));
  expect(units(taken)).toEqual(units(messages(12)));
  expect(requests.length).toBeGreaterThan(2);
});

test("an entry that is at fault itself is not sent again for ever", async () => {
  const Failed = [{ Id: "0", Code: "InvalidMessageContents", Message: "no", SenderFault: true }];
  const { queue, requests } = queueThat([{ Failed }]);
  await expect(queue.send(messages(2))).rejects.toMatchObject({ name: "InvalidMessageContents" });
  expect(requests).toHaveLength(1);
});

test("a queue that is not there is an error", async () => {
  const gone = Object.assign(new Error("no queue"), { name: "QueueDoesNotExist" });
  await expect(queueThat([gone]).queue.send(messages(2))).rejects.toBe(gone);
});

describe("a message", () => {
  test("is read as it was sent", async () => {
    const { queue, requests } = queueThat();
    const message = { job: "nightly-1", unit: 99_999, turn: 3_000_001 };
    await queue.send([message]);
    expect(unitMessage(requests[0]?.Entries?.[0]?.MessageBody ?? "")).toEqual(message);
  });

  test.each([
    "",
    "hello",
    "null",
    "[]",
    "{}",
    '{"job":"","unit":0,"turn":0}',
    '{"job":"a","unit":-1,"turn":0}',
    '{"job":"a","unit":0.5,"turn":0}',
    '{"job":"a","unit":"0","turn":0}',
    '{"job":"a","unit":0}',
  ])("of another form is refused: %s", (body) => {
    expect(() => unitMessage(body)).toThrow(
      expect.objectContaining({ code: "BAD_MESSAGE", retryable: false, value: body }),
    );
  });

  test("that is long is not kept as a whole", () => {
    expect(() => unitMessage("x".repeat(5_000))).toThrow(expect.objectContaining({ value: "x".repeat(1_024) }));
  });
});
