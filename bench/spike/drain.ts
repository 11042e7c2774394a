import type { Stage } from "./stages";

/** The course of a flood. */
export interface Drain {
  /** The most submissions that wait at once. */
  backlog: number;
  /** From the first submission until the last one is stored, in seconds. */
  seconds: number;
  /** The stages that held the flood back, in the order of time, each with its seconds. Empty: none did. */
  heldBackBy: (Pick<Stage, "ours" | "refuses"> & { stage: string; seconds: number })[];
  /** Share of the submissions that had to wait, 0 to 1. */
  waited: number;
  /** Submissions/s that go through once no rate changes any more. */
  perSecond: number;
}

/**
 * Runs a flood through the stages, second by second while any rate changes, then at one stroke. Arrivals are even; each
 * second as many submissions are stored as the narrowest stage allows.
 * @param arrivalSeconds over which the submissions arrive.
 */
export function drain(submissions: number, arrivalSeconds: number, stages: readonly Stage[]): Drain {
  const steadyAfter = Math.max(arrivalSeconds, ...stages.map((stage) => stage.steadyAfter));
  const perSecond = narrowestOf(stages, steadyAfter).perSecond(steadyAfter);
  const result: Drain = { backlog: 0, seconds: arrivalSeconds, heldBackBy: [], waited: 0, perSecond };
  let [waiting, second, stored] = [0, 0, 0];
  for (; second < steadyAfter && (second < arrivalSeconds || waiting > 1e-6); second++) {
    const arriving = (submissions / arrivalSeconds) * Math.min(1, Math.max(0, arrivalSeconds - second));
    const narrowest = narrowestOf(stages, second);
    const through = narrowest.perSecond(second);
    const held = waiting + arriving > through;
    const done = Math.min(waiting + arriving, through);
    const share = held || done === 0 ? 1 : done / through;
    if (held || waiting > 0) hold(result, narrowest, share, done, submissions);
    waiting = Math.max(0, waiting + arriving - done);
    stored += done;
    result.backlog = Math.max(result.backlog, waiting);
    // Arrivals may end in the middle of a second, and the waiting submissions be stored in the rest of it.
    if (waiting <= 1e-6 && second + 1 >= arrivalSeconds) result.seconds = Math.max(result.seconds, second + share);
  }
  if (submissions - stored > 1e-6) {
    const rest = submissions - stored;
    const seconds = rest / perSecond;
    hold(result, narrowestOf(stages, second), seconds, rest, submissions);
    result.seconds = second + seconds;
  }
  return result;
}

function narrowestOf(stages: readonly Stage[], second: number): Stage {
  return stages.reduce((a, b) => (b.perSecond(second) < a.perSecond(second) ? b : a));
}

function hold(result: Drain, stage: Stage, seconds: number, submissions: number, all: number): void {
  const { name, ours, refuses } = stage;
  const last = result.heldBackBy.at(-1);
  if (last?.stage === name) last.seconds += seconds;
  else result.heldBackBy.push({ stage: name, ours, refuses, seconds });
  result.waited += submissions / all;
}
