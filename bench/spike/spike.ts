import { type Cost, costOf } from "./cost";
import { type Drain, drain } from "./drain";
import { type Safety, safetyOf } from "./safety";
import type { StackSettings } from "./stackSettings";
import { type Assumptions, arrivalSeconds, stagesOf } from "./stages";

/** What happens to so many submissions sent in one minute. */
export interface Spike {
  submissions: number;
  /** Submissions/s that are sent. */
  sentPerSecond: number;
  /** Seconds over which they reach the queue; more than the minute where guests have to queue up to sign in. */
  arrivalSeconds: number;
  /** What saturates first; `nothing` where all are stored as they come. */
  first: string;
  drain: Drain;
  safety: Safety;
  cost: Cost;
}

/** The calculation: settings and documented limits in, what happens out. Pure. */
export function spike(submissions: number, settings: StackSettings, assumed: Assumptions): Spike {
  const arrival = arrivalSeconds(settings, submissions);
  const drained = drain(submissions, arrival, stagesOf(settings, assumed));
  const guests = arrival > 60 ? ["Cognito's guest identities"] : [];
  return {
    submissions,
    sentPerSecond: submissions / 60,
    arrivalSeconds: arrival,
    first: [...guests, ...drained.heldBackBy.map(({ stage }) => stage)][0] ?? "nothing",
    drain: drained,
    safety: safetyOf(submissions, settings, assumed, drained),
    cost: costOf(submissions, settings, assumed, drained),
  };
}
