/** The part of the definition in which an execution ends, or goes on with another round. Pure. */
import { equals, type Functions, GENERATED, identity } from "./functions";
import { MOST_ROUNDS } from "./limits";
import type { Choice, State } from "./states";
import { invoke } from "./tasks";

const SUMMARIZED = "$.summarized.answer";

/** The states from the end of all lanes to that of the execution. */
export function ending({ start, summarize }: Functions): Record<string, State> {
  return {
    Summarize: invoke({
      function: summarize.arn,
      timeoutSeconds: summarize.timeoutSeconds,
      payload: identity,
      into: "summarized",
      next: "ChooseEnd",
      caught: "RecordFailure",
    }),
    ChooseEnd: chooseEnd(),
    WaitForUnits: { Type: "Wait", TimestampPath: `${SUMMARIZED}.at`, Next: "CountRound" },
    CountRound: {
      Type: "Pass",
      Parameters: { ...identity, "round.$": "States.MathAdd($.round, 1)" },
      Next: "GenerateShuffledNumbers",
    },
    WaitForNext: { Type: "Wait", TimestampPath: `${SUMMARIZED}.at`, Next: "StartNext" },
    StartNext: invoke({
      function: start.arn,
      timeoutSeconds: start.timeoutSeconds,
      // Because of the epoch in the request, a retry after a lost answer opens no second one.
      payload: { "resume.$": "$.job", "epoch.$": "$.epoch" },
      into: "next",
      next: "ChooseNext",
      caught: "RecordFailure",
    }),
    ChooseNext: {
      Type: "Choice",
      Choices: [{ Variable: "$.next.answer.problems", IsPresent: true, Next: "NextRefused" }],
      Default: "Over",
    },
    NextRefused: {
      Type: "Fail",
      ErrorPath: "$.next.answer.code",
      CausePath: "States.JsonToString($.next.answer.problems)",
    },
    RecordFailure: invoke({
      function: summarize.arn,
      timeoutSeconds: summarize.timeoutSeconds,
      payload: { ...identity, failure: { "error.$": "$.error" } },
      into: null,
      next: "Failed",
      caught: "Failed",
      errorInto: "unrecorded",
    }),
    Failed: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "States.JsonToString($.error)" },
    Over: { Type: "Succeed", OutputPath: SUMMARIZED },
  };
}

/** An inline Map has used this execution's history; a distributed one has used only that of its children. */
function chooseEnd(): Choice {
  const left = { Variable: `${SUMMARIZED}.state`, StringEquals: "left" };
  const inTime = { Variable: `${SUMMARIZED}.at`, TimestampLessThanPath: `${GENERATED}.until` };
  const hasRounds = { Variable: "$.round", NumericLessThan: MOST_ROUNDS - 1 };
  const notInline = { Not: { Variable: `${GENERATED}.mode`, StringEquals: "inline" } };
  return {
    Type: "Choice",
    Choices: [
      { And: [left, inTime, hasRounds, notInline], Next: "WaitForUnits" },
      { And: [left, inTime], Next: "WaitForNext" },
      { ...left, Next: "StartNext" },
      ...["ended", "parked", "stale"].map((state) => equals(`${SUMMARIZED}.state`, state, "Over")),
    ],
    Default: "UnexpectedAnswer",
  };
}
