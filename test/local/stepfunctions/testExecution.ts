import { setImmediate as turn } from "node:timers/promises";
import { parseDefinition } from "../../../local/stepfunctions/definition/parseDefinition";
import { Execution } from "../../../local/stepfunctions/execution";
import type { MapRunRequest, TaskAttempt, World } from "../../../local/stepfunctions/interpreter/level";
import type { Clock } from "../../../shared/clock";
import type { Json } from "../../../shared/json";

export const FUNCTION = "arn:aws:lambda:eu-west-1:000000000000:function:work";
export const EXECUTION = "arn:aws:states:eu-west-1:000000000000:execution:machine:job-1";
export const STATE_MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:machine";

/** After this many turns of the event loop nothing more happens by itself. Executions take one turn before they start. */
const TURNS = 3;

/** A clock that jumps to the next timer whenever there is nothing else to do. */
export class JumpingClock implements Clock {
  readonly #timers = new Set<{ due: number; wake: () => void }>();
  #now = Date.parse("2026-01-01T00:00:00.000Z");

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = { due: this.#now + ms, wake: resolve };
      this.#timers.add(timer);
      const abort = () => {
        this.#timers.delete(timer);
        reject(signal?.reason);
      };
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Lets time pass until something has settled. */
  async until(work: Promise<unknown>): Promise<void> {
    let settled = false;
    const done = work.finally(() => {
      settled = true;
    });
    while (!settled) {
      for (let turns = 0; turns < TURNS && !settled; turns++) await turn();
      if (settled || this.#timers.size === 0) continue;
      this.#now = Math.min(...[...this.#timers].map(({ due }) => due));
      for (const timer of this.#timers) {
        if (timer.due > this.#now) continue;
        this.#timers.delete(timer);
        timer.wake();
      }
    }
    await done;
  }
}

export interface TestOptions {
  input?: Json;
  attempt?: (task: TaskAttempt, clock: JumpingClock) => Promise<Json> | Json;
  startMapRun?: (request: MapRunRequest) => { arn: string; outputs: Promise<Json> };
  random?: () => number;
}

/** An execution of a definition on a clock of its own. */
export function testExecution(definition: object, options: TestOptions = {}) {
  const { input = {}, attempt = ({ parameters }) => parameters, random = () => 0.5 } = options;
  const clock = new JumpingClock();
  const errors: unknown[] = [];
  const world: World = {
    clock,
    random,
    region: "eu-west-1",
    attempt: async (task) => attempt(task, clock),
    startMapRun: (request) => {
      if (!options.startMapRun) throw new Error("no Map Run was expected");
      return options.startMapRun(request);
    },
  };
  const parsed = parseDefinition("machine", JSON.stringify(definition));
  const execution = new Execution({
    ...{ arn: EXECUTION, name: "job-1", stateMachineArn: STATE_MACHINE, stateMachineName: "machine" },
    ...{ roleArn: "role", states: parsed, timeoutSeconds: parsed.TimeoutSeconds, mapRunArn: undefined },
    ...{ input: JSON.stringify(input), world, onStatus: () => undefined, onError: (error) => errors.push(error) },
  });
  return { execution, clock, errors };
}

/** Runs it to its end. */
export async function run(definition: object, options: TestOptions = {}) {
  const { execution, clock, errors } = testExecution(definition, options);
  await clock.until(execution.run());
  const { end, history, status, startedAt } = execution;
  const events = history.events;
  return {
    ...{ status, error: end?.error, cause: end?.cause, events, errors },
    output: end?.output === undefined ? undefined : (JSON.parse(end.output) as Json),
    types: events.map(({ type }) => type),
    seconds: ((end?.at ?? startedAt) - startedAt) / 1000,
  };
}

/** One state that ends the execution. */
export function only(state: object, name = "Only") {
  return {
    StartAt: name,
    States: { [name]: { ...state, ...("Type" in state && state.Type === "Succeed" ? {} : { End: true }) } },
  };
}

export const task = (more: object = {}) => ({ Type: "Task", Resource: FUNCTION, ...more });
