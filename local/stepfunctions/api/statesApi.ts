import { randomUUID } from "node:crypto";
import { ApiError } from "../../gateway/apiError";
import type { Call } from "../../gateway/call";
import { awsError } from "../../gateway/errors";
import { type BackendResponse, jsonResponse } from "../../gateway/message";
import type { Execution } from "../execution";
import { LIMITS } from "../limits";
import type { MapRun } from "../mapRuns/mapRun";
import type { StateMachine, StateMachines } from "../stateMachines";
import { notThere } from "./apiError";
import { arnIn, executionInput, FIELDS, type Input, nameIn, numberIn, pageOf, statusIn } from "./input";
import {
  describedExecution,
  describedMapRun,
  describedStateMachine,
  listedExecution,
  listedMapRun,
  seconds,
  shownEvent,
} from "./views";

/** Answers Step Functions calls. State machines come only from the Pulumi program. */
export class StatesApi {
  readonly #machines: StateMachines;
  readonly #answers: Readonly<Record<string, (input: Input) => object>> = {
    DescribeExecution: (input) => describedExecution(this.#execution(input), input.includedData === "METADATA_ONLY"),
    DescribeMapRun: (input) => describedMapRun(this.#mapRun(input)),
    DescribeStateMachine: (input) =>
      describedStateMachine(this.#machine(input), input.includedData === "METADATA_ONLY"),
    GetExecutionHistory: (input) => this.#history(input),
    ListExecutions: (input) => this.#executions(input),
    ListMapRuns: (input) => this.#mapRuns(input),
    StartExecution: (input) => this.#start(input),
    StopExecution: (input) => this.#stop(input),
    UpdateMapRun: (input) => this.#update(input),
  };

  constructor(machines: StateMachines) {
    this.#machines = machines;
  }

  async handle({ action, input }: Pick<Call, "action" | "input">): Promise<BackendResponse> {
    const answer = this.#answers[action];
    if (!answer) return notHere(`The local cloud does not answer ${action} of Step Functions.`);
    const lost = Object.keys(input).filter((field) => input[field] !== null && !FIELDS[action]?.includes(field));
    if (lost.length > 0) return notHere(`The local cloud does not honour ${lost.join(", ")} of ${action}.`);
    try {
      return jsonResponse(200, answer(input));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return awsError("states", 400, error.code, error.message);
    }
  }

  /**
   * The same name with the same input is the same execution as long as it runs.
   * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
   */
  #start(given: Input): object {
    const { arn } = this.#machine(given);
    const name = nameIn(given) ?? randomUUID();
    const input = executionInput(given);
    const known = this.#machines.execution(`${arn.replace(":stateMachine:", ":execution:")}:${name}`);
    if (known && (known.status !== "RUNNING" || known.options.input !== input)) {
      throw new ApiError("ExecutionAlreadyExists", `Execution Already Exists: '${known.options.arn}'`);
    }
    const execution = known ?? this.#machines.start(arn, name, input);
    return { executionArn: execution.options.arn, startDate: seconds(execution.startedAt) };
  }

  #stop(input: Input): object {
    const execution = this.#execution(input);
    execution.stop(input.error as string | undefined, input.cause as string | undefined);
    return { stopDate: seconds(execution.end?.at ?? execution.startedAt) };
  }

  #history(input: Input): object {
    const { events } = this.#execution(input).history;
    const { page, nextToken } = pageOf(input.reverseOrder === true ? events.toReversed() : events, input);
    return { events: page.map((event) => shownEvent(event, input.includeExecutionData !== false)), nextToken };
  }

  /** The newest first. */
  #executions(input: Input): object {
    const all =
      input.mapRunArn === undefined
        ? this.#machines.executionsOf(this.#machine(input).arn)
        : this.#machines.childrenOf(this.#mapRun(input).options.arn);
    const wanted = statusIn(input);
    const found = all.filter(({ status }) => wanted === undefined || status === wanted);
    const { page, nextToken } = pageOf(found.toReversed(), input);
    return { executions: page.map(listedExecution), nextToken };
  }

  #mapRuns(input: Input): object {
    const runs = this.#machines.mapRunsOf(this.#execution(input).options.arn);
    const { page, nextToken } = pageOf(runs.toReversed(), input);
    return { mapRuns: page.map(listedMapRun), nextToken };
  }

  #update(input: Input): object {
    const run = this.#mapRun(input);
    const change = {
      maxConcurrency: numberIn(input, "maxConcurrency", LIMITS.childExecutions),
      toleratedFailureCount: numberIn(input, "toleratedFailureCount", Number.MAX_SAFE_INTEGER),
      toleratedFailurePercentage: numberIn(input, "toleratedFailurePercentage", 100),
    };
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    run.update(Object.fromEntries(given));
    return {};
  }

  #machine(input: Input): StateMachine {
    const arn = arnIn(input, "stateMachineArn", "stateMachine");
    const machine = this.#machines.find(arn);
    if (!machine) throw notThere("StateMachine", arn);
    return machine;
  }

  #execution(input: Input): Execution {
    const arn = arnIn(input, "executionArn", "execution");
    const execution = this.#machines.execution(arn);
    if (!execution) throw notThere("Execution", arn);
    return execution;
  }

  #mapRun(input: Input): MapRun {
    const arn = arnIn(input, "mapRunArn", "mapRun");
    const run = this.#machines.mapRun(arn);
    if (!run) throw new ApiError("ResourceNotFound", `Resource not found: '${arn}'`);
    return run;
  }
}

function notHere(message: string): BackendResponse {
  return awsError("states", 501, "NotImplemented", message);
}
