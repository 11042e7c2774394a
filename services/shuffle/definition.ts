/**
 * The definition of the workflow driver's state machine. Pure.
 *
 *   { job, epoch } ──────────────────────────────► Begin ─► GenerateShuffledNumbers ─► Map over the numbers (lane.ts) ─► Summarize ─► Over
 *   a start request ─► MakeJob ─┬► BeginMade ──────────────────►  ▲   │ none ──────────────────────────────────────────►    │
 *                               └► Refused                        └───┼── CountRound ◄── WaitForUnits ◄──── units are left ──┤
 *   an error ─► RecordFailure ─► Failed                               history is used up: WaitForNext ─► StartNext ─► Over ◄─┘
 *
 * - Numbers come inline or as a list in S3: see mode.ts. A round ends when every lane has.
 * - Each loop passes a task and is counted: lanes count turns, an execution counts rounds. No wait lasts beyond `until`.
 * - Between states only ids, times and answers are passed, and the list of numbers if it is inline.
 */
import { laneInput, laneOf, unexpectedAnswer } from "./lane";
import { EXECUTION_SECONDS, MOST_ROUNDS } from "./limits";
import type { Choice, MapState, State, StateMachine } from "./states";
import { caughtBy, invoke } from "./tasks";

/** A function as the definition needs it. */
export interface InvokedFunction {
  readonly arn: string;
  /** Its longest run, seconds. */
  readonly timeoutSeconds: number;
}

export interface DefinitionArgs {
  readonly functions: {
    /** Makes a job of a start request, and opens the next epoch of one. */
    readonly start: InvokedFunction;
    readonly generate: InvokedFunction;
    readonly processReading: InvokedFunction;
    /** Absent: no job of the stack changes a table. */
    readonly processWriting?: InvokedFunction;
    readonly summarize: InvokedFunction;
  };
}

const GENERATED = "$.generated.answer";
const SUMMARIZED = "$.summarized.answer";
const identity = { "job.$": "$.job", "epoch.$": "$.epoch" };

export function definitionOf({ functions }: DefinitionArgs): StateMachine {
  return {
    Comment: "A bulk job: generate its numbers in random order, process each, summarize.",
    StartAt: "ReadInput",
    TimeoutSeconds: EXECUTION_SECONDS,
    States: { ...entry(functions), ...round(functions), ...ending(functions) },
  };
}

type Functions = DefinitionArgs["functions"];

/** From the input to a job. */
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
      Default: "MakeJob",
    },
    Begin: { Type: "Pass", Parameters: { ...identity, round: 0 }, Next: "GenerateShuffledNumbers" },
    MakeJob: invoke({
      function: start.arn,
      timeoutSeconds: start.timeoutSeconds,
      payload: { "start.$": "$", "execution.$": "$$.Execution.Id" },
      into: "made",
      next: "ChooseMade",
      // There is no job yet that could keep the reason.
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

/** From a job to all lanes' ends. */
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
      ItemsPath: `${GENERATED}.numbers`,
    },
    ProcessDistributed: {
      ...mapOf({ ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...lane("OfList", functions) }),
      Label: "Numbers",
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSON" },
        Parameters: { "Bucket.$": `${GENERATED}.list.bucket`, "Key.$": `${GENERATED}.list.key` },
      },
      // The job's own rules decide about failures.
      ToleratedFailurePercentage: 100,
    },
    UnexpectedAnswer: unexpectedAnswer("A function", "RecordFailure"),
  };
}

/** The worker's kind is chosen once a round, not once a lane: a lane's states are paid for each number. */
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
    Catch: caughtBy("RecordFailure"),
    Next: "Summarize",
  };
}

/** From all lanes' ends to the execution's. */
function ending({ start, summarize }: Functions): Record<string, State> {
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
      // With the epoch a retry after a lost answer opens no second one.
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

function equals(Variable: string, StringEquals: string, Next: string) {
  return { Variable, StringEquals, Next };
}
