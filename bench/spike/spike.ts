import { type Cost, costOf } from "./cost";
import { type Drain, drain } from "./drain";
import { type Safety, safetyOf } from "./safety";
import type { StackSettings } from "./stackSettings";
import { type Assumptions, arrivalSeconds, stagesOf } from "./stages";

/** The outcome of many submissions sent in one minute. */
export interface Spike {
  submissions: number;
  /** Submissions/s that are sent. */
  sentPerSecond: number;
  /** Seconds over which they reach the queue; more than the minute if guests have to wait to sign in. */
  arrivalSeconds: number;
  /** The stage that saturates first; `nothing` if all are stored as they come. */
  first: string;
  drain: Drain;
  safety: Safety;
  cost: Cost;
}

/** The calculation, from settings and documented limits to the outcome. Pure. */
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
