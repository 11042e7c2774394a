import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import type { Clock } from "../../shared/clock";
import type { IntakeQueues } from "./intakeQueues";

/** How often SQS is asked for a move's progress, milliseconds. */
const LOOK_MS = 1_000;

/** The progress of a move of dead letters. */
export interface Redrive {
  /** `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED` or `FAILED`. */
  status: string;
  moved: number;
  /** Letters that were waiting when it started. */
  toMove: number;
  /** Only for a failed move. */
  failure?: string;
}

/** Letters in the dead-letter queue, including those that somebody lists at the moment. */
export async function countDeadLetters({ sqs, deadLetterQueueUrl: QueueUrl }: IntakeQueues): Promise<number> {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.reduce((sum, attribute) => sum + Number(Attributes[attribute] ?? 0), 0);
}

/** The move that is under way. */
export interface Begun {
  /** True: somebody else had started it before. */
  already: boolean;
  /** It began after this, milliseconds since the epoch: for a while SQS may still list the former move. */
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
  /** Ends only the watching, not the move. */
  signal: AbortSignal;
  onLook: (redrive: Redrive) => void;
}

/** Watches the move until it ends. @returns undefined if the signal ended the watching first */
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
    // SQS leaves it out if it is unknown.
    toMove: Math.max(moved, task.ApproximateNumberOfMessagesToMove ?? 0),
    ...(FailureReason === undefined ? {} : { failure: FailureReason }),
  };
}

function isUnderWay({ status }: Redrive): boolean {
  return status === "RUNNING" || status === "CANCELLING";
}
