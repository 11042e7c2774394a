/** The part of Amazon States Language (JSONPath) that our definition uses: https://states-language.net/spec.html */
import type { Json } from "../../shared/json";

type Template = { readonly [name: string]: Json };

interface Common {
  readonly Comment?: string;
}

/** The transition of a state: to another one, or out. */
type Exit = { readonly Next: string } | { readonly End: true };

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  /** Seconds before the first retry; each further one waits `BackoffRate` times as long, `MaxDelaySeconds` at most. */
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  /** Retries, the first attempt not included. */
  readonly MaxAttempts: number;
  readonly JitterStrategy: "FULL";
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string;
  readonly Next: string;
}

export type Task = Common & {
  readonly Type: "Task";
  readonly Resource: "arn:aws:states:::lambda:invoke";
  readonly Parameters: Template;
  readonly ResultSelector?: Template;
  /** Null drops the result. */
  readonly ResultPath: string | null;
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher[];
} & Exit;

export type Pass = Common & {
  readonly Type: "Pass";
  readonly Parameters?: Template;
  readonly Result?: Json;
  readonly ResultPath?: string;
} & Exit;

export interface Choice extends Common {
  readonly Type: "Choice";
  readonly Choices: readonly (Template & { readonly Next: string })[];
  readonly Default: string;
}

export type Wait = Common & { readonly Type: "Wait"; readonly TimestampPath: string } & Exit;

export interface Succeed extends Common {
  readonly Type: "Succeed";
  readonly OutputPath?: string;
}

export type Fail = Common & { readonly Type: "Fail" } & (
    | { readonly ErrorPath: string; readonly CausePath: string }
    | { readonly Error: string; readonly Cause: string }
  );

export type ItemProcessor = States & {
  readonly ProcessorConfig:
    | { readonly Mode: "INLINE" }
    | { readonly Mode: "DISTRIBUTED"; readonly ExecutionType: "STANDARD" };
};

export type MapState = Common & {
  readonly Type: "Map";
  readonly ItemsPath?: string;
  readonly ItemReader?: Template;
  readonly ItemSelector: Template;
  readonly ItemProcessor: ItemProcessor;
  readonly MaxConcurrencyPath: string;
  readonly Label?: string;
  readonly ResultPath: null;
  readonly Catch: readonly Catcher[];
} & Exit;

export type State = Task | Pass | Choice | Wait | Succeed | Fail | MapState;

export interface States {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface StateMachine extends States {
  readonly Comment: string;
  readonly TimeoutSeconds: number;
}
