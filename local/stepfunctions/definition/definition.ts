/** The part of the Amazon States Language that the local cloud runs. https://states-language.net/spec.html */
import type { Json } from "../../../shared/json";
import type { ChoiceRule } from "../language/choice";
import type { Template } from "../language/template";

export type Path = string;

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  BackoffRate?: number;
  MaxAttempts?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "FULL" | "NONE";
}

export interface Catcher {
  ErrorEquals: string[];
  ResultPath?: Path | null;
  Next: string;
}

interface Common {
  Comment?: string;
  InputPath?: Path | null;
  OutputPath?: Path | null;
}

interface WithNext {
  Next?: string;
  End?: true;
}

interface WithResult {
  ResultSelector?: Template;
  ResultPath?: Path | null;
}

interface WithErrors {
  Retry?: Retrier[];
  Catch?: Catcher[];
}

export interface TaskState extends Common, WithNext, WithResult, WithErrors {
  Type: "Task";
  /** ARN of a function, or {@link LAMBDA_INVOKE}. */
  Resource: string;
  Parameters?: Template;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: Path;
  HeartbeatSeconds?: number;
  HeartbeatSecondsPath?: Path;
}

export interface ItemReader {
  Resource: typeof GET_OBJECT;
  ReaderConfig: { InputType: "JSON"; MaxItems?: number };
  Parameters: { [field: string]: Json };
}

export interface Processor extends States {
  ProcessorConfig?: { Mode: "INLINE" | "DISTRIBUTED"; ExecutionType?: "STANDARD" };
}

export interface MapState extends Common, WithNext, WithResult, WithErrors {
  Type: "Map";
  ItemProcessor: Processor;
  ItemsPath?: Path;
  ItemSelector?: Template;
  MaxConcurrency?: number;
  MaxConcurrencyPath?: Path;
  /** From here on: of Distributed Map states only. */
  ItemReader?: ItemReader;
  Label?: string;
  ToleratedFailureCount?: number;
  ToleratedFailureCountPath?: Path;
  ToleratedFailurePercentage?: number;
  ToleratedFailurePercentagePath?: Path;
}

export interface WaitState extends Common, WithNext {
  Type: "Wait";
  Seconds?: number;
  SecondsPath?: Path;
  Timestamp?: string;
  TimestampPath?: Path;
}

export interface ChoiceState extends Common {
  Type: "Choice";
  Choices: (ChoiceRule & { Next: string })[];
  Default?: string;
}

export interface PassState extends Common, WithNext, Pick<WithResult, "ResultPath"> {
  Type: "Pass";
  Parameters?: Template;
  Result?: Json;
}

export interface SucceedState extends Common {
  Type: "Succeed";
}

export interface FailState {
  Type: "Fail";
  Comment?: string;
  Error?: string;
  ErrorPath?: Path;
  Cause?: string;
  CausePath?: Path;
}

export type State = TaskState | MapState | WaitState | ChoiceState | PassState | SucceedState | FailState;

/** States with their start: a whole state machine, or the states of a Map for each item. */
export interface States {
  StartAt: string;
  States: { [name: string]: State };
}

export interface Definition extends States {
  Comment?: string;
  Version?: "1.0";
  TimeoutSeconds?: number;
}

/** Task by which a state machine invokes a function, with the answer wrapped. */
export const LAMBDA_INVOKE = "arn:aws:states:::lambda:invoke";
/** Where an ItemReader gets its items. */
export const GET_OBJECT = "arn:aws:states:::s3:getObject";

/** Whether a Map state starts a child execution for each item. */
export function isDistributed({ ItemProcessor }: Pick<MapState, "ItemProcessor">): boolean {
  return ItemProcessor.ProcessorConfig?.Mode === "DISTRIBUTED";
}

/** All states with their names, those inside of Map states too. */
export function allStates({ States }: States): [name: string, state: State][] {
  return Object.entries(States).flatMap(([name, state]): [string, State][] => [
    [name, state],
    ...(state.Type === "Map" ? allStates(state.ItemProcessor) : []),
  ]);
}
