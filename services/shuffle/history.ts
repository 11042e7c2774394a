/**
 * The number of events and transitions of an execution of the workflow driver, and of the turns that its history has room for.
 * Pure.
 */
import { definitionOf } from "./definition";
import { MOST_ROUNDS, OWN_BOUNDS } from "./limits";
import type { States } from "./states";
import { MOST_RETRIES } from "./tasks";
import { type Walked, type Way, walkExecution } from "./walk";

/** The course of an execution. */
export interface Course {
  /** The kind of Map in the last round. Earlier rounds are distributed, because no round follows an inline one. */
  readonly mode: "none" | "inline" | "distributed";
  /** Lanes of each round. */
  readonly units: number;
  /** Turns that each lane takes. */
  readonly turns: number;
  /** Default 1. */
  readonly rounds?: number;
  /** Failed attempts at each task before one succeeds. Default 0. */
  readonly retries?: number;
  /** Whether each turn except the first has to be waited for. Default false. */
  readonly waits?: boolean;
  /** Whether it begins with a start request. Default false. */
  readonly request?: boolean;
  /** Whether all lanes fail in their last turn, and the execution at its end. Default false. */
  readonly fails?: boolean;
  /** Whether another execution continues. Default false. */
  readonly goesOn?: boolean;
}

/** An execution's course depends only on names and paths. */
const FUNCTION = { arn: "arn:aws:lambda:us-east-1:123456789012:function:any", timeoutSeconds: 1 };
const SHAPE = definitionOf({
  functions: {
    ...{ start: FUNCTION, generate: FUNCTION, summarize: FUNCTION },
    ...{ processReading: FUNCTION, processWriting: FUNCTION },
  },
});

/** @param machine default: the definition that definition.ts makes, with both kinds of workers. */
export function executionOf(course: Course, machine: States = SHAPE): Walked {
  const { mode, units, rounds = 1, retries = 0, request = false, fails = false, goesOn = false } = course;
  let round = 0;
  const isInline = () => mode === "inline" && round === rounds - 1;
  const ends = () => (goesOn || fails ? "WaitForNext" : "Over");
  const choices: Record<string, () => string> = {
    ReadInput: () => (request ? "KeepRequest" : "Begin"),
    ChooseMade: () => "BeginMade",
    ChooseWorker: () => (mode === "none" ? "Summarize" : "UseReadingWorker"),
    ChooseMap: () => (isInline() ? "ProcessInline" : "ProcessDistributed"),
    ChooseEnd: () => (++round < rounds ? "WaitForUnits" : ends()),
    ChooseNext: () => "Over",
  };
  return walkExecution(machine, {
    choose: (choice) => choices[choice]!(),
    fails: (task) => fails && task === "StartNext",
    retries,
    lanes: units,
    lane: () => laneWay(course, isInline() ? "" : "OfList"),
  });
}

function laneWay({ turns, retries = 0, waits = false, fails = false }: Course, suffix: string): Way {
  let turn = 0;
  return {
    choose: () => (turn === turns ? `LaneOver${suffix}` : `${waits ? "WaitForTurn" : "CountTurn"}${suffix}`),
    fails: (task) => task === `ProcessNumber${suffix}` && ++turn === turns && fails,
    retries,
    lanes: 0,
    lane: () => {
      throw new Error("a lane has no Map");
    },
  };
}

/**
 * The course with most events: all rounds are needed, everything is waited for, every task needs all its retries, and everything
 * fails in the end.
 */
export function worstOf(course: Pick<Course, "mode" | "units" | "turns">): Walked {
  const worst = { rounds: MOST_ROUNDS, retries: MOST_RETRIES, waits: true, request: true, fails: true };
  return executionOf({ ...course, ...worst });
}

/**
 * The most turns that each lane may take, so that the history of the execution, or of a child, never has more events than the
 * bound. 0: there is no room for a single turn. Each lane of a distributed Map has its own history.
 */
export function turnsWithin(mode: "inline" | "distributed", units: number, events = OWN_BOUNDS.historyEvents): number {
  const eventsAt = (turns: number) => {
    const { events, childEvents } = worstOf({ mode, units, turns });
    return mode === "inline" ? events : childEvents;
  };
  // Each further turn has as many events as the second.
  const first = eventsAt(1);
  if (first > events) return 0;
  return 1 + Math.floor((events - first) / (eventsAt(2) - first));
}
