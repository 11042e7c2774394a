import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import type { Clock } from "../../shared/clock";
import type { IntakeQueues } from "./intakeQueues";

/** How often SQS is asked how far a move has come, milliseconds. */
const LOOK_MS = 1_000;

/** How far a move of dead letters has come. */
export interface Redrive {
  /** `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED` or `FAILED`. */
  status: string;
  moved: number;
  /** Letters that were waiting when it started. */
  toMove: number;
  /** Only of a move that failed. */
  failure?: string;
}

/** Letters that are in the dead-letter queue; those that somebody lists at the moment count too. */
export async function countDeadLetters({ sqs, deadLetterQueueUrl: QueueUrl }: IntakeQueues): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, attribute) => sum + Number(Attributes[attribute] ?? 0), 0);
}

/** Which move is under way now. */
export interface Begun {
  /** True: somebody had started it before. */
  already: boolean;
  /** It began after this, milliseconds since the epoch: SQS may list the one before it for a while. */
  after: number;
}

/**
 * Starts to move dead letters back, unless a move is under way already.
 * @param perSecond most a second; undefined: SQS decides
 */
export async function startRedrive(queues: IntakeQueues, perSecond: number | undefined): Promise<Begun> {
  const newest = await newestMove(queues);
  const { StartedTimestamp: startedAt = 0 } = newest ?? {};
  if (newest !== undefined && isUnderWay(redriveOf(newest))) return { already: true, after: startedAt - 1 };
  const rate = perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: perSecond };
  await queues.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queues.deadLetterQueueArn, ...rate }));
  return { already: false, after: startedAt };
}

export interface Watching extends Pick<Begun, "after"> {
  clock: Clock;
  /** Ends the watching, not the move. */
  signal: AbortSignal;
  onLook: (redrive: Redrive) => void;
}

/** Watches the move until it ends. @returns undefined where the signal ended the watching first */
export async function watchRedrive(queues: IntakeQueues, watching: Watching): Promise<Redrive | undefined> {
  const { clock, signal, onLook, after } = watching;
  while (!signal.aborted) {
    const newest = await newestMove(queues);
    if (newest !== undefined && (newest.StartedTimestamp ?? 0) > after) {
      const redrive = redriveOf(newest);
      onLook(redrive);
      if (!isUnderWay(redrive)) return redrive;
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
  return undefined;
}

async function newestMove({ sqs, deadLetterQueueArn: SourceArn }: IntakeQueues) {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
  return Results[0];
}

function redriveOf(task: ListMessageMoveTasksResultEntry): Redrive {
  const { Status = "", ApproximateNumberOfMessagesMoved: moved = 0, FailureReason } = task;
  return {
    status: Status,
    moved,
    // SQS leaves it out where it doesn't know it.
    toMove: Math.max(moved, task.ApproximateNumberOfMessagesToMove ?? 0),
    ...(FailureReason === undefined ? {} : { failure: FailureReason }),
  };
}

function isUnderWay({ status }: Redrive): boolean {
  return status === "RUNNING" || status === "CANCELLING";
}
