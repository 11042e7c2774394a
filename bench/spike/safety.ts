import { longestLifeSeconds, maxReceiveCount, visibilityTimeoutSeconds } from "../../services/ingest/sizing";
import { longestDelaySeconds } from "../../shared/aws/visibilityBackoff";
import type { Drain } from "./drain";
import { duration } from "./duration";
import { LIMITS } from "./limits";
import type { StackSettings } from "./stackSettings";
import { type Assumptions, arrivalSeconds, batchSeconds, concurrencyOf } from "./stages";

/** Something a person should know before the flood comes. `danger`: submissions could be lost. */
export interface Remark {
  code: string;
  danger: boolean;
  text: string;
}

export interface Safety {
  /** How long SQS keeps a submission, in seconds. */
  retentionSeconds: number;
  /**
   * The longest wait of a submission, in seconds: its own processing time if nothing has to wait, else the whole drain,
   * because a standard queue promises no order.
   */
  highestAgeSeconds: number;
  /** By which factor everything could be slower before the first submission expires in the queue. */
  margin: number;
  /** The most messages in flight (received but not deleted), while an outage hides those that failed. */
  inFlight: number;
  remarks: Remark[];
}

/** Whether anything could be lost while the flood is worked off, by the queue's retention and the outage to survive. */
export function safetyOf(submissions: number, settings: StackSettings, assumed: Assumptions, drained: Drain): Safety {
  const retentionSeconds = settings.queueRetentionDays * 86_400;
  const atOnce = settings.batchWindowSeconds + batchSeconds(settings, assumed);
  const highestAgeSeconds = drained.heldBackBy.length > 0 ? drained.seconds : atOnce;
  const facts = { retentionSeconds, highestAgeSeconds, inFlight: inFlightOf(settings) };
  return {
    ...facts,
    margin: (retentionSeconds * drained.perSecond) / submissions,
    remarks: [
      ...retentionRemarks(settings, facts),
      ...refusalRemarks(settings, drained),
      ...inFlightRemarks(facts.inFlight),
      ...arrivalRemarks(settings, submissions),
      ...alarmRemarks(settings, highestAgeSeconds),
    ],
  };
}

type Facts = Pick<Safety, "retentionSeconds" | "highestAgeSeconds" | "inFlight">;

function retentionRemarks(settings: StackSettings, { retentionSeconds, highestAgeSeconds }: Facts): Remark[] {
  const danger = (code: string, text: string): Remark[] => [{ code, danger: true, text }];
  const kept = `the ${settings.queueRetentionDays} days that the queue keeps them (ingestQueueRetentionDays)`;
  if (highestAgeSeconds > retentionSeconds) {
    return danger("DRAIN_OUTLIVES_RETENTION", `LOSS: storing all of them takes longer than ${kept}.`);
  }
  const outage = settings.surviveOutageMinutes * 60 + longestDelaySeconds(Number.POSITIVE_INFINITY);
  if (highestAgeSeconds + outage > retentionSeconds) {
    const text = `An outage of ${settings.surviveOutageMinutes} minutes (ingestSurviveOutageMinutes) meanwhile would exceed ${kept}.`;
    return danger("NO_ROOM_FOR_OUTAGE", text);
  }
  const { timeoutSeconds, batchWindowSeconds, surviveOutageMinutes } = settings;
  const visibility = visibilityTimeoutSeconds(timeoutSeconds, batchWindowSeconds);
  const life = longestLifeSeconds(maxReceiveCount(surviveOutageMinutes), timeoutSeconds, visibility);
  if (highestAgeSeconds + life > retentionSeconds) {
    const text = `If the last submission can't be stored, it expires before it becomes a dead letter: its waits exceed ${kept}.`;
    return danger("DEAD_LETTERS_EXPIRE", text);
  }
  return [];
}

/**
 * Little's law: an invocation that meets an outage holds its batch until just before its time-out, then hides it for at
 * most 15 minutes.
 */
function inFlightOf(settings: StackSettings): number {
  const messages = concurrencyOf(settings) * settings.batchSize;
  return messages + (messages / settings.timeoutSeconds) * longestDelaySeconds(Number.POSITIVE_INFINITY);
}

/**
 * The maximum concurrency makes submissions wait in the queue, where waiting costs nothing. If it allows more than the
 * stages after it, AWS refuses the excess, and every refusal uses up one of a message's receives.
 */
function refusalRemarks({ surviveOutageMinutes }: StackSettings, { heldBackBy }: Drain): Remark[] {
  const refusing = heldBackBy.filter(({ refuses }) => refuses);
  const seconds = refusing.reduce((sum, stage) => sum + stage.seconds, 0);
  if (seconds === 0) return [];
  const names = [...new Set(refusing.map(({ stage }) => stage))].join(", ");
  const text = `${names}: refuses the excess for ${duration(seconds)}. It comes again, so the flood takes somewhat longer than shown. With a lower ingestMaximumConcurrency, the excess waits in the queue instead.`;
  const dead = `Submissions that are refused for longer than the ${surviveOutageMinutes} minutes of ingestSurviveOutageMinutes become dead letters. They are kept, and can be moved back by hand.`;
  return [
    { code: "REFUSALS", danger: false, text },
    ...(seconds > surviveOutageMinutes * 60 ? [{ code: "DEAD_LETTERS", danger: false, text: dead }] : []),
  ];
}

function inFlightRemarks(inFlight: number): Remark[] {
  if (inFlight <= LIMITS.inFlight.value) return [];
  const text = `In an outage up to ${Math.round(inFlight)} messages would be in flight; SQS hands out no more above ${LIMITS.inFlight.value} until some come back. That is slower, but nothing is lost.`;
  return [{ code: "IN_FLIGHT", danger: false, text }];
}

function arrivalRemarks(settings: StackSettings, submissions: number): Remark[] {
  const seconds = arrivalSeconds(settings, submissions);
  if (seconds <= 60) return [];
  const text = `Guests sign in at ${LIMITS.guestIdentities.value} a second (Cognito): the last phone is let in after ${duration(seconds)}. Until then its outbox keeps the submission; ask AWS for a higher quota.`;
  return [{ code: "GUESTS_QUEUE_UP", danger: false, text }];
}

function alarmRemarks({ alarms, alarmOldestMinutes }: StackSettings, highestAgeSeconds: number): Remark[] {
  if (!alarms || highestAgeSeconds <= alarmOldestMinutes * 60) return [];
  const text = `The alarm "oldest" is raised (ingestAlarmOldestMinutes is ${alarmOldestMinutes}). It reports the wait, not a loss.`;
  return [{ code: "ALARM", danger: false, text }];
}
