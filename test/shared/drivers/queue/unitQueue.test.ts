import type { SendMessageBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { isTransient } from "../../../../shared/aws/transient";
import type { UnitTurn } from "../../../../shared/drivers/driver";
import { SqsUnitQueue, unitTurn } from "../../../../shared/drivers/queue/unitQueue";

type Answer = { Failed?: { Id: string; Code?: string; Message?: string; SenderFault?: boolean }[] } | Error;

/** A queue that keeps what it takes, and says to the n-th request what the test wants. */
function queueThat(answers: readonly Answer[] = []) {
  const requests: SendMessageBatchCommandInput[] = [];
  const taken: UnitTurn[] = [];
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
  const queue = new SqsUnitQueue({ sqs: { send } as unknown as SQSClient, queueUrl: "https://units", retry });
  return { queue, requests, taken };
}

const turns = (count: number): UnitTurn[] =>
  Array.from({ length: count }, (_, unit) => ({ job: "job-1", unit, turn: 0 }));
const units = (taken: readonly UnitTurn[]) => [...new Set(taken.map(({ unit }) => unit))].sort((a, b) => a - b);

test.each([
  [0, []],
  [1, [1]],
  [10, [10]],
  [23, [10, 10, 3]],
])("%d messages go in batches of ten at most", async (count, sizes) => {
  const { queue, requests, taken } = queueThat();
  await queue.dispatch(turns(count));
  expect(requests.map(({ Entries }) => Entries?.length)).toEqual(sizes);
  expect(taken).toEqual(turns(count));
  for (const { QueueUrl, Entries } of requests) {
    expect(QueueUrl).toBe("https://units");
    expect(new Set(Entries?.map(({ Id }) => Id)).size).toBe(Entries?.length);
    // SQS is fair between the groups, so a job is one.
    expect(new Set(Entries?.map(({ MessageGroupId }) => MessageGroupId))).toEqual(new Set(["job-1"]));
  }
});

test("eight requests are under way at once, and no more", async () => {
  let [now, most] = [0, 0];
  const send = async () => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
    return {};
  };
  const queue = new SqsUnitQueue({ sqs: { send } as unknown as SQSClient, queueUrl: "q", retry: (call) => call() });
  await queue.dispatch(turns(1_000));
  expect(most).toBe(8);
});

test("a batch of which a part was not taken is sent again, until all of it was", async () => {
  const busy = (...ids: string[]) => ({ Failed: ids.map((Id) => ({ Id, Code: "InternalError", Message: "busy" })) });
  const { queue, requests, taken } = queueThat([busy("3", "7"), busy("0"), busy("9"), {}]);
  await queue.dispatch(turns(12));
  expect(units(taken)).toEqual(units(turns(12)));
  expect(requests.length).toBeGreaterThan(2);
});

test("an entry that is at fault itself is not sent again for ever", async () => {
  const Failed = [{ Id: "0", Code: "InvalidMessageContents", Message: "no", SenderFault: true }];
  const { queue, requests } = queueThat([{ Failed }]);
  await expect(queue.dispatch(turns(2))).rejects.toMatchObject({ name: "InvalidMessageContents" });
  expect(requests).toHaveLength(1);
});

test("a queue that is not there is an error", async () => {
  const gone = Object.assign(new Error("no queue"), { name: "QueueDoesNotExist" });
  await expect(queueThat([gone]).queue.dispatch(turns(2))).rejects.toBe(gone);
});

describe("a message", () => {
  test("is read as it was sent", async () => {
    const { queue, requests } = queueThat();
    const message = { job: "nightly-1", unit: 99_999, turn: 3_000_001 };
    await queue.dispatch([message]);
    expect(unitTurn(requests[0]?.Entries?.[0]?.MessageBody ?? "")).toEqual(message);
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
    expect(() => unitTurn(body)).toThrow(
      expect.objectContaining({ code: "BAD_MESSAGE", retryable: false, value: body }),
    );
  });

  test("that is long is not kept as a whole", () => {
    expect(() => unitTurn("x".repeat(5_000))).toThrow(expect.objectContaining({ value: "x".repeat(1_024) }));
  });
});
