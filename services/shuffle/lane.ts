/**
 * A lane: what a Map does with one batch of numbers. Pure.
 *
 *   ProcessNumber ─► ChooseTurn ─┬─► LaneOver      the units have ended, or the lane's share of time or history is used up
 *        ▲                       ├─► LaneParked    the job is paused, cancelled, over, or resumed since; this ends all lanes
 *        │                       ├─► CountTurn ──┐ the next turn is due
 *        │                       └─► WaitForTurn │ it is due later
 *        │                               └► CountTurn
 *        └────────────────────────────────────┘
 *   any error ─► RecordLaneFailure ─► LaneOver
 *
 * Invariant: each loop takes one of the lane's turns, whose number is fixed; no wait lasts beyond `until`.
 */
import { identity } from "./functions";
import type { Choice, MapState, State } from "./states";
import { invoke } from "./tasks";

export interface LaneOptions {
  /** Suffix of the names of its states: two Maps in one definition can't have states of the same name. */
  readonly suffix: string;
  /** Time-out of a worker function, seconds. */
  readonly workerTimeoutSeconds: number;
  readonly summarize: string;
  readonly summarizeTimeoutSeconds: number;
}

/** The fields that a lane carries from turn to turn. */
const CARRIED = ["job", "epoch", "until", "function"] as const;

/** A lane's first data, from the execution's. */
export const laneInput = {
  "job.$": "$.job",
  "epoch.$": "$.epoch",
  "numbers.$": "$$.Map.Item.Value.numbers",
  "until.$": "$.generated.answer.until",
  "function.$": "$.function",
  "turns.$": "$.generated.answer.turns",
} satisfies MapState["ItemSelector"];

const ANSWER = "$.processed.answer";

/** Error of a lane that finds that no lane has work. */
export const PARKED = "Sluice.Parked";

export function laneOf(options: LaneOptions): { StartAt: string; States: Record<string, State> } {
  const { suffix, workerTimeoutSeconds, summarize, summarizeTimeoutSeconds } = options;
  const process = `ProcessNumber${suffix}`;
  const choose = `ChooseTurn${suffix}`;
  const wait = `WaitForTurn${suffix}`;
  const count = `CountTurn${suffix}`;
  const unexpected = `UnexpectedTurn${suffix}`;
  const record = `RecordLaneFailure${suffix}`;
  const failed = `LaneFailed${suffix}`;
  const over = `LaneOver${suffix}`;
  const parked = `LaneParked${suffix}`;
  return {
    StartAt: process,
    States: {
      [process]: invoke({
        function: "$.function",
        timeoutSeconds: workerTimeoutSeconds,
        payload: { ...identity, "numbers.$": "$.numbers" },
        into: "processed",
        next: choose,
        caught: record,
      }),
      [choose]: chooseTurn({ wait, count, over, parked, unexpected }),
      [wait]: { Type: "Wait", TimestampPath: `${ANSWER}.at`, Next: count },
      [count]: {
        Type: "Pass",
        Parameters: {
          ...Object.fromEntries(CARRIED.map((field) => [`${field}.$`, `$.${field}`])),
          "numbers.$": `${ANSWER}.numbers`,
          "turns.$": "States.MathAdd($.turns, -1)",
        },
        Next: process,
      },
      [unexpected]: unexpectedAnswer("ProcessNumber", record),
      [record]: invoke({
        function: summarize,
        timeoutSeconds: summarizeTimeoutSeconds,
        payload: { ...identity, failure: { "numbers.$": "$.numbers", "error.$": "$.error" } },
        into: null,
        next: over,
        caught: failed,
        errorInto: "unrecorded",
      }),
      [failed]: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "States.JsonToString($.error)" },
      // The shortest result: without a ResultWriter the results of all numbers must fit into 256 KiB, perhaps even if the Map drops
      // them. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
      [over]: { Type: "Pass", Result: 0, End: true },
      [parked]: { Type: "Fail", Error: PARKED, Cause: "The job is paused, cancelled or over, or it was resumed." },
    },
  };
}

function chooseTurn(to: Readonly<Record<"wait" | "count" | "over" | "parked" | "unexpected", string>>): Choice {
  const answers = (...states: string[]) => ({
    Or: states.map((state) => ({ Variable: `${ANSWER}.state`, StringEquals: state })),
  });
  const goesOn = answers("continued", "held");
  const hasTurns = { Variable: "$.turns", NumericGreaterThan: 1 };
  const inTime = { Variable: `${ANSWER}.at`, TimestampLessThanPath: "$.until" };
  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html: choices may compare with its fields.
  const due = { Variable: `${ANSWER}.at`, TimestampLessThanEqualsPath: "$$.State.EnteredTime" };
  return {
    Type: "Choice",
    Choices: [
      { And: [goesOn, hasTurns, inTime, due], Next: to.count },
      { And: [goesOn, hasTurns, inTime], Next: to.wait },
      { ...answers("parked", "stale"), Next: to.parked },
      { ...answers("done", "continued", "held"), Next: to.over },
    ],
    Default: to.unexpected,
  };
}

/** Treats an answer that no rule knows as an error. @param next the state that records it. */
export function unexpectedAnswer(of: string, next: string): State {
  const error = { Error: "UnexpectedAnswer", Cause: `${of} returned an answer that the state machine doesn't know.` };
  return { Type: "Pass", Result: error, ResultPath: "$.error", Next: next };
}
