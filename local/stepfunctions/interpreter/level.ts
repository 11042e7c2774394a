import type { Clock } from "../../../shared/clock";
import type { Json } from "../../../shared/json";
import type { MapState, TaskState } from "../definition/definition";
import type { History, Line } from "./history";

/** One attempt of a task. */
export interface TaskAttempt {
  /** Name of the state. */
  name: string;
  state: TaskState;
  /** What the task gets. */
  parameters: Json;
}

/** What a Map Run gets when it starts. */
export interface MapRunRequest {
  state: MapState;
  /** The items, or how they are read. */
  items: readonly Json[] | ItemsInS3;
  /** What a child execution gets of an item. */
  inputOf(item: Json, index: number): Json;
  maxConcurrency: number;
  /** Failed children that are tolerated, and their share in percent; undefined where it is not limited by itself. */
  toleratedFailureCount: number | undefined;
  toleratedFailurePercentage: number | undefined;
}

export interface ItemsInS3 {
  bucket: string;
  key: string;
  maxItems: number | undefined;
}

/** What an execution's states need of the world. */
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
   * @returns its ARN and the outputs of its children, in the order of the items. They reject with a StateError where the
   * run fails.
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
