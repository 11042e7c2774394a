import type { IntakeQueues } from "../../../cli/intake/intakeQueues";
import { startRedrive, watchRedrive } from "../../../cli/intake/redrive";
import type { Clock } from "../../../shared/clock";

/** An SQS whose list of moves is each of these in turn. The last list stays. */
function queuesWith(...moves: (object | undefined)[]) {
  const started: object[] = [];
  const send = async ({ constructor: { name }, input }: { constructor: { name: string }; input: object }) => {
    if (name === "StartMessageMoveTaskCommand") return void started.push(input);
    const move = moves.length > 1 ? moves.shift() : moves[0];
    return { Results: move === undefined ? [] : [move] };
  };
  return { queues: { sqs: { send }, deadLetterQueueArn: "arn:dead" } as unknown as IntakeQueues, started };
}

const former = { Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 9, StartedTimestamp: 1_000 };
const running = {
  StartedTimestamp: 2_000,
  Status: "RUNNING",
  ApproximateNumberOfMessagesMoved: 1,
  ApproximateNumberOfMessagesToMove: 3,
};
const completed = { ...running, Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 3 };

function clockThatStops(after = Infinity): { clock: Clock; stop: AbortController } {
  const stop = new AbortController();
  let looks = 0;
  const sleep = async () => {
    if (++looks >= after) stop.abort();
  };
  return { clock: { now: () => 0, sleep }, stop };
}

test("a move starts with the requested rate, if no move is under way", async () => {
  const { queues, started } = queuesWith(former);
  expect(await startRedrive(queues, 20)).toEqual({ already: false, after: 1_000 });
  expect(started).toEqual([{ SourceArn: "arn:dead", MaxNumberOfMessagesPerSecond: 20 }]);
});

test("a move under way is not started again", async () => {
  for (const Status of ["RUNNING", "CANCELLING"]) {
    const { queues, started } = queuesWith({ ...running, Status });
    expect(await startRedrive(queues, undefined)).toEqual({ already: true, after: 1_999 });
    expect(started).toEqual([]);
  }
});

test("a move is watched look by look until it ends, even if the list still shows the move before", async () => {
  const { queues } = queuesWith(undefined, former, running, completed);
  const { clock, stop } = clockThatStops();
  const looks: number[] = [];
  const end = await watchRedrive(queues, {
    clock,
    signal: stop.signal,
    after: 1_000,
    onLook: ({ moved }) => looks.push(moved),
  });
  expect(looks).toEqual([1, 3]);
  expect(end).toEqual({ status: "COMPLETED", moved: 3, toMove: 3 });
});

test("the signal ends only the watching, not the move", async () => {
  const { queues } = queuesWith(running);
  const { clock, stop } = clockThatStops(2);
  expect(await watchRedrive(queues, { clock, signal: stop.signal, after: 0, onLook: () => undefined })).toBeUndefined();
});
