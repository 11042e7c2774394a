import type { Stage } from "../gateway/gateway";
import type { Principal } from "../gateway/principals";
import { billedFor, isEmptyReceive } from "./billedRequests";
import type { Metering } from "./metering";

/** AWS bills nothing for its own errors, from this status on. */
const SERVER_ERROR = 500;

/** Counts the calls that reach their service. It comes after the stages that refuse calls. */
export function meteringStage(metering: Metering): Stage {
  return async (call, next) => {
    const response = await next();
    if (!metering.running || response.status >= SERVER_ERROR || response.status === 0) return response;
    metering.called({
      service: call.service,
      operation: call.action,
      caller: callerName(call.principal),
      billed: billedFor(call, response),
      empty: isEmptyReceive(call, response),
    });
    return response;
  };
}

/** The name under which a principal's calls are counted; see `RequestCount.caller`. */
export function callerName(principal: Principal | "anonymous"): string {
  if (principal === "anonymous") return principal;
  if (principal.kind === "administrator") return "administrator";
  return principal.name ?? principal.roleArn.split("/").at(-1) ?? principal.roleArn;
}
