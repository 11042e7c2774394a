import type { Clock } from "../../shared/clock";
import { describeError } from "../../shared/describeError";
import type { QueuesAndBuckets } from "../backends/queuesAndBuckets";

/** SQS receives at most this many messages at once. */
const BATCH = 10;
/** How long a letter that is being moved stays hidden, seconds. */
const HIDDEN_SECONDS = 30;

/** A move of dead letters, and its progress. */
export interface MoveTask {
  readonly id: string;
  readonly sourceArn: string;
  /** The requested destination; undefined: back to the source queue. */
  readonly destinationArn: string | undefined;
  /** Where letters go. */
  readonly targetArn: string;
  /** Most letters a second, 1 to 500. Undefined: as fast as it goes. */
  readonly perSecond: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Letters that were waiting at the start. */
  readonly toMove: number;
  moved: number;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  failure?: string;
}

interface Around {
  backend: Pick<QueuesAndBuckets, "sqs">;
  clock: Clock;
  /** Stops the move. */
  signal: AbortSignal;
}

interface Letter {
  Body: string;
  ReceiptHandle: string;
  MessageAttributes?: Record<string, unknown>;
}

/** Moves letters until none is waiting or the task is cancelled. Each letter becomes a new message with a new id and age. */
export async function runMove(task: MoveTask, around: Around): Promise<void> {
  const { clock, signal } = around;
  const from = clock.now();
  try {
    while (!signal.aborted && task.status === "RUNNING") {
      const letters = await receive(task, around);
      for (const letter of letters) await move(task, letter, around);
      if (letters.length === 0) task.status = "COMPLETED";
      else if (task.perSecond !== undefined) {
        const wait = from + (task.moved / task.perSecond) * 1_000 - clock.now();
        await clock.sleep(Math.max(0, wait), signal);
      }
    }
    if (task.status === "CANCELLING") task.status = "CANCELLED";
  } catch (error) {
    if (signal.aborted) return;
    task.status = "FAILED";
    task.failure = describeError(error);
  }
}

async function receive({ sourceArn, perSecond = BATCH }: MoveTask, { backend }: Around): Promise<Letter[]> {
  const { Messages = [] } = await backend.sqs<{ Messages?: Letter[] }>("ReceiveMessage", {
    QueueUrl: urlOf(sourceArn),
    MaxNumberOfMessages: Math.min(BATCH, perSecond),
    VisibilityTimeout: HIDDEN_SECONDS,
    WaitTimeSeconds: 0,
    MessageAttributeNames: ["All"],
  });
  return Messages;
}

async function move(task: MoveTask, letter: Letter, { backend }: Around): Promise<void> {
  const { Body: MessageBody, ReceiptHandle, MessageAttributes } = letter;
  const attributes = MessageAttributes === undefined ? {} : { MessageAttributes };
  await backend.sqs("SendMessage", { QueueUrl: urlOf(task.targetArn), MessageBody, ...attributes });
  await backend.sqs("DeleteMessage", { QueueUrl: urlOf(task.sourceArn), ReceiptHandle });
  task.moved++;
}

/** A URL by which fauxqs finds the queue: it looks at the path alone. */
export function urlOf(arn: string): string {
  const [account, name] = arn.split(":").slice(-2);
  return `http://sqs/${account}/${name}`;
}
