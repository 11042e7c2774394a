import type { Json } from "../../shared/json";
import type { States } from "./definition/definition";
import { History, type HistoryEvent } from "./interpreter/history";
import { dataDetails, type World } from "./interpreter/level";
import { runStates } from "./interpreter/runStates";
import { sleep } from "./interpreter/waiting";
import { textOf } from "./limits";
import { StateError } from "./stateError";

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

export interface ExecutionOptions {
  arn: string;
  name: string;
  /** Of the state machine; of a Map Run's child with the label of the Map state. */
  stateMachineArn: string;
  stateMachineName: string;
  roleArn: string;
  states: States;
  /** Seconds after which the execution is TIMED_OUT. */
  timeoutSeconds: number | undefined;
  /** JSON. */
  input: string;
  /** The Map Run that started it. */
  mapRunArn: string | undefined;
  world: World;
  /** Gets each event of the history. */
  onEvent?: (event: HistoryEvent) => void;
  /** Called when it has started, and when it has ended. */
  onStatus: (execution: Execution) => void;
  /** Gets errors of the interpreter itself. */
  onError: (error: unknown) => void;
}

/** How an execution ended. */
interface End {
  status: Exclude<ExecutionStatus, "RUNNING">;
  output?: string;
  error?: string | undefined;
  cause?: string | undefined;
}

const END_EVENTS: Readonly<Record<End["status"], string>> = {
  SUCCEEDED: "ExecutionSucceeded",
  FAILED: "ExecutionFailed",
  TIMED_OUT: "ExecutionTimedOut",
  ABORTED: "ExecutionAborted",
};

/** One execution of a state machine, or a Distributed Map's child execution for an item. It ends once. */
export class Execution {
  readonly #options: ExecutionOptions;
  readonly #controller = new AbortController();
  readonly #line = { last: 0 };
  readonly history: History;
  readonly startedAt: number;
  #end: End | undefined;
  #endedAt: number | undefined;

  constructor(options: ExecutionOptions) {
    const { world, onEvent } = options;
    this.#options = options;
    this.startedAt = world.clock.now();
    this.history = new History(() => world.clock.now(), onEvent);
  }

  get options(): Readonly<ExecutionOptions> {
    return this.#options;
  }

  get status(): ExecutionStatus {
    return this.#end?.status ?? "RUNNING";
  }

  /** Its end; undefined while it runs. */
  get end(): Readonly<End & { at: number }> | undefined {
    return this.#end && { ...this.#end, at: this.#endedAt ?? this.startedAt };
  }

  /** Runs to the end. Never rejects. */
  async run(): Promise<void> {
    const { input, roleArn, states, world, onStatus } = this.#options;
    const started = { ...dataDetails("input", input), roleArn };
    this.history.addBeside(0, "ExecutionStarted", started);
    onStatus(this);
    this.#watchTime();
    try {
      // Yields, so that ten thousand executions that start together let others run in between.
      await new Promise((resolve) => setImmediate(resolve));
      const level = {
        world,
        history: this.history,
        context: this.#context(),
        signal: this.#controller.signal,
        line: this.#line,
        open: undefined,
      };
      const output = textOf(await runStates(states, JSON.parse(input) as Json, level));
      this.#finish({ status: "SUCCEEDED", output }, dataDetails("output", output));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends it like StopExecution. Functions that its tasks have called go on. */
  stop(error?: string, cause?: string): void {
    this.#line.last = 0;
    this.#finish({ status: "ABORTED", error, cause }, defined({ error, cause }));
  }

  #fail(error: unknown): void {
    if (this.#end) return;
    if (!(error instanceof StateError)) this.#options.onError(error);
    const known = error instanceof StateError ? error : new StateError("States.Runtime", String(error));
    const details = defined({ error: known.error, cause: known.cause });
    this.#finish({ status: "FAILED", error: known.error, cause: known.cause }, details);
  }

  #finish(end: End, details: object): void {
    if (this.#end) return;
    this.#end = end;
    this.#endedAt = this.#options.world.clock.now();
    this.history.add(this.#line, END_EVENTS[end.status], details);
    this.history.close();
    this.#controller.abort(new Error(`the execution is ${end.status}`));
    this.#options.onStatus(this);
  }

  #watchTime(): void {
    const { timeoutSeconds, world } = this.#options;
    if (timeoutSeconds === undefined) return;
    sleep(world.clock, timeoutSeconds * 1000, this.#controller.signal).then(
      () => {
        this.#line.last = 0;
        this.#finish({ status: "TIMED_OUT" }, {});
      },
      () => undefined,
    );
  }

  #context(): { readonly [name: string]: Json } {
    const { arn, name, input, roleArn, stateMachineArn, stateMachineName } = this.#options;
    return {
      Execution: {
        Id: arn,
        Input: JSON.parse(input),
        StartTime: new Date(this.startedAt).toISOString(),
        Name: name,
        RoleArn: roleArn,
        RedriveCount: 0,
      },
      StateMachine: { Id: stateMachineArn, Name: stateMachineName },
    };
  }
}

function defined(fields: Record<string, string | undefined>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
