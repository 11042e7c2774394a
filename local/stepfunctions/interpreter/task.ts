import type { Json } from "../../../shared/json";
import type { TaskState } from "../definition/definition";
import { LAMBDA_INVOKE } from "../definition/definition";
import { fill } from "../language/template";
import { isTooLarge, LIMITS, textOf } from "../limits";
import { StateError, tooLarge } from "../stateError";
import { dataDetails } from "./level";
import { numberOf } from "./numbers";
import type { Visit } from "./visit";
import { abortable, childController, sleep } from "./waiting";

/** Seconds after which a task has taken too long, in all and without a heartbeat. */
interface TaskLimits {
  timeout: number | undefined;
  heartbeat: number | undefined;
}

/**
 * One attempt of a task. It ends with States.Timeout if it takes too long; the function that it called goes on, as on
 * AWS.
 * @throws StateError.
 */
export async function runTask(visit: Visit<TaskState>): Promise<Json> {
  const { name, state, input, context, level } = visit;
  const source = { data: input, context };
  const parameters = state.Parameters === undefined ? input : fill(state.Parameters, source, level.world.random);
  const limits = {
    timeout: secondsOf("TimeoutSeconds", visit),
    heartbeat: secondsOf("HeartbeatSeconds", visit),
  };
  const events = taskEvents(visit, textOf(parameters), limits);
  events.scheduled();
  events.started();
  try {
    if (isTooLarge(textOf(parameters))) throw tooLarge(resourceName(state));
    const result = await withinLimits(visit, limits, level.world.attempt({ name, state, parameters }));
    const text = textOf(result);
    if (isTooLarge(text)) throw tooLarge(resourceName(state));
    events.succeeded(text);
    return result;
  } catch (error) {
    if (error instanceof StateError) events.failed(error);
    throw error;
  }
}

function secondsOf(
  field: "TimeoutSeconds" | "HeartbeatSeconds",
  { state, input, context }: Visit<TaskState>,
): number | undefined {
  const path = state[`${field}Path`];
  return path === undefined ? state[field] : numberOf(`${field}Path`, path, { data: input, context }, 1);
}

async function withinLimits({ level }: Visit, { timeout, heartbeat }: TaskLimits, work: Promise<Json>): Promise<Json> {
  // No function can send a heartbeat here, so the first one that is due never comes.
  const isHeartbeat = (heartbeat ?? Infinity) < (timeout ?? Infinity);
  const seconds = isHeartbeat ? heartbeat : timeout;
  const answer = abortable(work, level.signal);
  if (seconds === undefined) return answer;
  const timer = childController(level.signal);
  const late = sleep(level.world.clock, Math.min(seconds, LIMITS.taskSeconds) * 1000, timer.signal).then(() => {
    throw new StateError("States.Timeout", undefined, isHeartbeat ? "States.HeartbeatTimeout" : undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.release();
    timer.abort(new Error("the task has ended"));
    late.catch(() => undefined);
    answer.catch(() => undefined);
  }
}

function resourceName({ Resource }: TaskState): string {
  return Resource === LAMBDA_INVOKE ? "lambda" : Resource;
}

/** The events of an attempt: those of a function's ARN differ from those of the integration. */
function taskEvents({ state, level }: Visit<TaskState>, parameters: string, { timeout, heartbeat }: TaskLimits) {
  const { history, line, world } = level;
  const limits = {
    ...(timeout === undefined ? {} : { timeoutInSeconds: timeout }),
    ...(heartbeat === undefined || state.Resource !== LAMBDA_INVOKE ? {} : { heartbeatInSeconds: heartbeat }),
  };
  const isIntegration = state.Resource === LAMBDA_INVOKE;
  const prefix = isIntegration ? "Task" : "LambdaFunction";
  const resource = isIntegration ? { resource: "invoke", resourceType: "lambda" } : {};
  return {
    scheduled: () =>
      history.add(
        line,
        `${prefix}Scheduled`,
        isIntegration
          ? { ...resource, ...limits, region: world.region, parameters }
          : { ...limits, ...dataDetails("input", parameters), resource: state.Resource },
      ),
    started: () => history.add(line, `${prefix}Started`, isIntegration ? resource : undefined),
    succeeded: (output: string) =>
      history.add(line, `${prefix}Succeeded`, { ...resource, ...dataDetails("output", output) }),
    failed: ({ error, cause }: StateError) =>
      history.add(line, `${prefix}${error === "States.Timeout" ? "TimedOut" : "Failed"}`, {
        ...resource,
        error,
        ...(cause === undefined ? {} : { cause }),
      }),
  };
}
