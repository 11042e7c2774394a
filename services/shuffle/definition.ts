/**
 * The definition of the workflow driver's state machine. Pure.
 *
 *   { job, epoch } ─► Begin ────────────────────────────────┐
 *   a start request ─► KeepRequest ─► MakeJob ─► BeginMade ─┤
 *                                        └─► Refused        ▼
 *     ┌─────────────────────► GenerateShuffledNumbers ─► Map over the numbers (lane.ts) ─► Summarize
 *     │                                     └──────────────── there are none ───────────────►  │
 *   CountRound ◄─ WaitForUnits ◄── units are left ─────────────────────────────────────────────┤
 *         Over ◄─ StartNext ◄─ WaitForNext ◄── units are left, and history or rounds used up ──┤
 *         Over ◄── the job has ended or is paused ─────────────────────────────────────────────┘
 *   any error ─► RecordFailure ─► Failed
 *
 * - Numbers come in batches, inline or as a list in S3: see planMap.ts. A round ends when every lane has ended.
 * - Each loop passes a task and is counted: lanes count turns, an execution counts rounds. No wait lasts beyond `until`.
 * - States pass only ids, times and answers to each other, and the numbers if they are inline.
 */
import { ending } from "./ending";
import { equals, type Functions, GENERATED, type InvokedFunction, identity } from "./functions";
import { laneInput, laneOf, PARKED, unexpectedAnswer } from "./lane";
import { EXECUTION_SECONDS } from "./limits";
import type { MapState, State, StateMachine } from "./states";
import { caughtBy, invoke } from "./tasks";

export interface DefinitionArgs {
  readonly functions: Functions;
}

export function definitionOf({ functions }: DefinitionArgs): StateMachine {
  return {
    Comment: "A bulk job: generate its numbers in random order, process each, summarize.",
    StartAt: "ReadInput",
    TimeoutSeconds: EXECUTION_SECONDS,
    States: { ...entry(functions), ...round(functions), ...ending(functions) },
  };
}

/** The states from the input to a job. */
function entry({ start }: Functions): Record<string, State> {
  return {
    ReadInput: {
      Type: "Choice",
      Choices: [
        {
          And: [
            { Variable: "$.job", IsPresent: true },
            { Variable: "$.epoch", IsPresent: true },
          ],
          Next: "Begin",
        },
      ],
      Default: "KeepRequest",
    },
    Begin: { Type: "Pass", Parameters: { ...identity, round: 0 }, Next: "GenerateShuffledNumbers" },
    // The input may be a string or a list, and a result can't be added to these.
    KeepRequest: { Type: "Pass", Parameters: { "request.$": "$" }, Next: "MakeJob" },
    MakeJob: invoke({
      function: start.arn,
      timeoutSeconds: start.timeoutSeconds,
      payload: { "start.$": "$.request", "execution.$": "$$.Execution.Id" },
      into: "made",
      next: "ChooseMade",
      // There is no job yet whose record could keep the reason.
      caught: "Failed",
    }),
    ChooseMade: {
      Type: "Choice",
      Choices: [{ Variable: "$.made.answer.problems", IsPresent: true, Next: "Refused" }],
      Default: "BeginMade",
    },
    Refused: {
      Type: "Fail",
      ErrorPath: "$.made.answer.code",
      CausePath: "States.JsonToString($.made.answer.problems)",
    },
    BeginMade: {
      Type: "Pass",
      Parameters: { "job.$": "$.made.answer.job", "epoch.$": "$.made.answer.epoch", round: 0 },
      Next: "GenerateShuffledNumbers",
    },
  };
}

/** The states from a job to the end of all lanes. */
function round(functions: Functions): Record<string, State> {
  const { generate, processReading, processWriting } = functions;
  return {
    GenerateShuffledNumbers: invoke({
      function: generate.arn,
      timeoutSeconds: generate.timeoutSeconds,
      payload: identity,
      into: "generated",
      next: "ChooseWorker",
      caught: "RecordFailure",
    }),
    ChooseWorker: {
      Type: "Choice",
      Choices: [
        equals(`${GENERATED}.mode`, "none", "Summarize"),
        equals(`${GENERATED}.worker`, "reading", "UseReadingWorker"),
        ...(processWriting === undefined ? [] : [equals(`${GENERATED}.worker`, "writing", "UseWritingWorker")]),
      ],
      Default: "UnexpectedAnswer",
    },
    UseReadingWorker: useWorker(processReading),
    ...(processWriting === undefined ? {} : { UseWritingWorker: useWorker(processWriting) }),
    ChooseMap: {
      Type: "Choice",
      Choices: [
        equals(`${GENERATED}.mode`, "inline", "ProcessInline"),
        equals(`${GENERATED}.mode`, "distributed", "ProcessDistributed"),
      ],
      Default: "UnexpectedAnswer",
    },
    ProcessInline: {
      ...mapOf({ ProcessorConfig: { Mode: "INLINE" }, ...lane("", functions) }),
      ItemsPath: `${GENERATED}.batches`,
    },
    ProcessDistributed: {
      ...mapOf({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...lane("OfList", functions) }),
      Label: "Numbers",
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSON" },
        Parameters: { "Bucket.$": `${GENERATED}.list.bucket`, "Key.$": `${GENERATED}.list.key` },
      },
    },
    UnexpectedAnswer: unexpectedAnswer("A function", "RecordFailure"),
  };
}

/** The worker's kind is chosen once in a round, not in every lane: a lane's states are paid for in each turn. */
function useWorker({ arn }: InvokedFunction): State {
  return { Type: "Pass", Result: arn, ResultPath: "$.function", Next: "ChooseMap" };
}

function lane(suffix: string, { processReading, processWriting, summarize }: Functions) {
  return laneOf({
    suffix,
    workerTimeoutSeconds: Math.max(processReading.timeoutSeconds, processWriting?.timeoutSeconds ?? 0),
    summarize: summarize.arn,
    summarizeTimeoutSeconds: summarize.timeoutSeconds,
  });
}

function mapOf(ItemProcessor: MapState["ItemProcessor"]): MapState {
  return {
    Type: "Map",
    MaxConcurrencyPath: `${GENERATED}.concurrency`,
    ItemSelector: laneInput,
    ItemProcessor,
    ResultPath: null,
    Catch: [
      // A lane that fails ends the others, so a pause ends an execution with any number of units.
      { ErrorEquals: [PARKED, "States.ExceedToleratedFailureThreshold"], ResultPath: "$.ended", Next: "Summarize" },
      ...caughtBy("RecordFailure"),
    ],
    Next: "Summarize",
  };
}
