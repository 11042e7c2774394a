import { RoleCaller, type RoleCallerOptions } from "../gateway/roleCaller";
import { callAsRole } from "../lambda/roleCalls";
import type { Parts } from "../parts";
import type { CallTarget, Schedule } from "./schedules";

export interface CallTargetOptions extends Omit<RoleCallerOptions, "roleArn" | "name"> {
  parts: Pick<Parts, "principals" | "region" | "gateway" | "endpoint">;
}

/** Calls the target of a schedule as EventBridge Scheduler does: a function gets an event, and nobody waits for its answer. */
export function callTarget(options: CallTargetOptions): CallTarget {
  return async (schedule) => {
    if (isFunction(schedule)) return sendEvent(schedule, options);
    const { roleArn, name, targetArn: stateMachineArn, input } = schedule;
    const { executionArn } = await callAsRole(
      "states",
      roleArn,
      name,
      options.parts,
    )<{ executionArn: string }>("StartExecution", { stateMachineArn, input });
    return { executionArn };
  };
}

function isFunction({ targetArn }: Schedule): boolean {
  return targetArn.split(":")[2] === "lambda";
}

async function sendEvent(
  { name, roleArn, targetArn, input }: Schedule,
  options: Omit<RoleCallerOptions, "roleArn" | "name">,
): Promise<Record<string, never>> {
  const { status, body } = await new RoleCaller({ ...options, roleArn, name }).send("lambda", {
    method: "POST",
    url: `/2015-03-31/functions/${encodeURIComponent(targetArn)}/invocations`,
    headers: { "x-amz-invocation-type": "Event" },
    body: Buffer.from(input),
  });
  if (status !== 202) throw new Error(`${name}: Invoke answered ${status}: ${body.toString()}`);
  return {};
}
