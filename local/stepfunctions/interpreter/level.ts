import type { Clock } from "../../../shared/clock";
import type { Json } from "../../../shared/json";
import type { MapState, TaskState } from "../definition/definition";
import type { History, Line } from "./history";

/** One attempt of a task. */
export interface TaskAttempt {
  /** Name of the state. */
  name: string;
  state: TaskState;
  /** The task's input. */
  parameters: Json;
}

/** The input of a Map Run. */
export interface MapRunRequest {
  state: MapState;
  /** The items, or how they are read. */
  items: readonly Json[] | ItemsInS3;
  /** The input of a child execution for an item. */
  inputOf(item: Json, index: number): Json;
  maxConcurrency: number;
  /** Failed children that are tolerated, and their share in percent; undefined if it has no separate limit. */
  toleratedFailureCount: number | undefined;
  toleratedFailurePercentage: number | undefined;
}

export interface ItemsInS3 {
  bucket: string;
  key: string;
  maxItems: number | undefined;
}

/** The environment of an execution's states. */
export interface World {
  clock: Clock;
  /** Numbers in [0, 1). */
  random(): number;
  /** Region of the local cloud, for the history. */
  region: string;
  /** Runs a task once. @throws StateError. */
  attempt(task: TaskAttempt): Promise<Json>;
  /**
   * Starts a Map Run.
   * @returns its ARN and the outputs of its children, in the order of the items. They reject with a StateError if the run
   *   fails.
   */
  startMapRun(request: MapRunRequest, signal: AbortSignal): { arn: string; outputs: Promise<Json> };
}

/** Where states run: an execution, or an iteration of a Map state inside of one. */
export interface Level {
  world: World;
  history: History;
  /** `Execution` and `StateMachine` of the context object, and `Map` inside of one. */
  context: { readonly [name: string]: Json };
  /** Ends everything that runs here. */
  signal: AbortSignal;
  line: Line;
  /** Type of the state that was entered and not left. */
  open: string | undefined;
}

/** Details of an event with data, as the history has them. */
export function dataDetails(field: "input" | "output", text: string): object {
  return { [field]: text, [`${field}Details`]: { truncated: false } };
}
