import { type MoveTask, runMove } from "../../../local/sqs/moveTask";

const task = (perSecond: number | undefined): MoveTask => ({
  id: "1",
  sourceArn: "arn:aws:sqs:eu-west-1:000000000000:dead",
  destinationArn: undefined,
  targetArn: "arn:aws:sqs:eu-west-1:000000000000:work",
  perSecond,
  startedAt: 0,
  toMove: 40,
  moved: 0,
  status: "RUNNING",
});

/** A queue of letters, and a clock that moves only when somebody sleeps. */
function around(letters: number, { fails = false } = {}) {
  let now = 0;
  const slept: number[] = [];
  const sqs = async <T>(action: string, input: { MaxNumberOfMessages?: number }): Promise<T> => {
    if (action === "SendMessage" && fails) throw new Error("SQS SendMessage: The specified queue does not exist.");
    if (action !== "ReceiveMessage") return {} as T;
    const received = Math.min(letters, input.MaxNumberOfMessages ?? 1);
    letters -= received;
    return { Messages: Array.from({ length: received }, () => ({ Body: "x", ReceiptHandle: "r" })) } as T;
  };
  const sleep = async (ms: number) => {
    slept.push(ms);
    now += ms;
  };
  return { backend: { sqs }, clock: { now: () => now, sleep }, signal: new AbortController().signal, slept };
}

test.each([
  [5, 8_000],
  [20, 2_000],
])("at %i letters a second, 40 take %i ms, evenly", async (perSecond, ms) => {
  const move = task(perSecond);
  const { slept, ...rest } = around(40);
  await runMove(move, rest);
  expect(move).toMatchObject({ status: "COMPLETED", moved: 40 });
  expect(slept.reduce((sum, each) => sum + each, 0)).toBe(ms);
  expect(new Set(slept).size).toBe(1);
});

test("without a rate it never waits", async () => {
  const { slept, ...rest } = around(40);
  await runMove(task(undefined), rest);
  expect(slept).toEqual([]);
});

test("a destination that disappears meanwhile fails the task, with the reason", async () => {
  const move = task(undefined);
  await runMove(move, around(1, { fails: true }));
  expect(move).toMatchObject({ status: "FAILED", moved: 0, failure: expect.stringContaining("does not exist") });
});
