import type { SendMessageBatchCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { isTransient } from "../../../../shared/aws/transient";
import type { ChainTurn } from "../../../../shared/drivers/driver";
import { chainTurn, SqsUnitQueue } from "../../../../shared/drivers/queue/unitQueue";

type Answer = { Failed?: { Id: string; Code?: string; Message?: string; SenderFault?: boolean }[] } | Error;

/** A queue that keeps the messages that it takes, and gives the n-th request the answer that the test wants. */
function queueThat(answers: readonly Answer[] = []) {
  const requests: SendMessageBatchCommandInput[] = [];
  const taken: ChainTurn[] = [];
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

const turns = (count: number): ChainTurn[] =>
  Array.from({ length: count }, (_, chain) => ({ job: "job-1", chain, turn: 0 }));
const chains = (taken: readonly ChainTurn[]) => [...new Set(taken.map(({ chain }) => chain))].sort((a, b) => a - b);

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
    // SQS is fair between message groups, so each job is a group.
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
  expect(chains(taken)).toEqual(chains(turns(12)));
  expect(requests.length).toBeGreaterThan(2);
});

test("an entry that is itself at fault is not sent again for ever", async () => {
  const Failed = [{ Id: "0", Code: "InvalidMessageContents", Message: "no", SenderFault: true }];
  const { queue, requests } = queueThat([{ Failed }]);
  await expect(queue.dispatch(turns(2))).rejects.toMatchObject({ name: "InvalidMessageContents" });
  expect(requests).toHaveLength(1);
});

test("a queue that is not there is an error", async () => {
  const gone = Object.assign(new Error("no queue"), { name: "QueueDoesNotExist" });
  await expect(queueThat([gone]).queue.dispatch(turns(2))).rejects.toBe(gone);
});

describe("a delay", () => {
  const delays = async (...delay: number[]) => {
    const { queue, requests } = queueThat();
    await queue.dispatch(turns(12), ...delay);
    return requests.flatMap(({ Entries = [] }) => Entries);
  };

  test.each([1, 900])("of %d s is left to the queue, for every message", async (seconds) => {
    const entries = await delays(seconds);
    expect(entries.map(({ DelaySeconds }) => DelaySeconds)).toEqual(Array(12).fill(seconds));
  });

  test.each([[[]], [[0]]])("is not requested if there is none: %j", async (delay) => {
    for (const entry of await delays(...delay)) expect(entry).not.toHaveProperty("DelaySeconds");
  });

  test("stays with messages that are sent again", async () => {
    const { queue, requests } = queueThat([{ Failed: [{ Id: "0", Code: "InternalError", Message: "busy" }] }]);
    await queue.dispatch(turns(1), 7);
    expect(requests.map(({ Entries }) => Entries?.[0]?.DelaySeconds)).toEqual([7, 7]);
  });
});

describe("a message", () => {
  test.each<ChainTurn>([
    { job: "nightly-1", chain: 0, turn: 0 },
    { job: "nightly-1", chain: 15, turn: 3_000_001 },
    { job: "nightly-1", chain: 15, turn: 3_000_001, unit: 99_999 },
    { job: "nightly-1", chain: 15, turn: 3_000_001, unit: 0 },
  ])("is read as it was sent: %j", async (message) => {
    const { queue, requests } = queueThat();
    await queue.dispatch([message]);
    const read = chainTurn(requests[0]?.Entries?.[0]?.MessageBody ?? "");
    expect(read).toEqual(message);
    // A missing unit is an absent field, not undefined.
    expect(Object.keys(read)).toEqual(Object.keys(message));
  });

  test("contains nothing else", () => {
    expect(chainTurn('{"job":"a","chain":1,"turn":2,"more":3}')).toEqual({ job: "a", chain: 1, turn: 2 });
  });

  test.each([
    "",
    "hello",
    "null",
    "[]",
    "{}",
    '{"job":"","chain":0,"turn":0}',
    '{"job":"a","chain":-1,"turn":0}',
    '{"job":"a","chain":0.5,"turn":0}',
    '{"job":"a","chain":"0","turn":0}',
    '{"job":"a","chain":0}',
    '{"job":"a","turn":0}',
    '{"chain":0,"turn":0}',
    '{"job":"a","chain":0,"turn":-1}',
    '{"job":"a","chain":0,"turn":0.5}',
    // This is the form of a message for a unit, from before there were chains.
    '{"job":"a","unit":0,"turn":0}',
    '{"job":"a","chain":0,"turn":0,"unit":-1}',
    '{"job":"a","chain":0,"turn":0,"unit":0.5}',
    '{"job":"a","chain":0,"turn":0,"unit":null}',
    '{"job":"a","chain":0,"turn":0,"unit":"0"}',
  ])("of another form is refused: %s", (body) => {
    expect(() => chainTurn(body)).toThrow(
      expect.objectContaining({ code: "BAD_MESSAGE", retryable: false, value: body }),
    );
  });

  test("that is too long is kept only in part", () => {
    expect(() => chainTurn("x".repeat(5_000))).toThrow(expect.objectContaining({ value: "x".repeat(1_024) }));
  });
});
