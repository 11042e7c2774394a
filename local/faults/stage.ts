import type { Clock } from "../../shared/clock";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { functionTarget } from "../gateway/functionTarget";
import type { Stage } from "../gateway/gateway";
import { type BackendResponse, brokenConnection } from "../gateway/message";
import { parsedStatement, statementsOf } from "../gateway/partiql/statement";
import { s3Target } from "../gateway/s3Operation";
import type { Faults } from "./faults";
import { draw } from "./random";
import type { Fault, FaultService } from "./rule";

const WITH_FAULTS: readonly string[] = [
  "dynamodb",
  "sqs",
  "s3",
  "lambda",
  "events",
  "sns",
  "states",
  "glue",
] satisfies FaultService[];

/** Injects faults into calls through the gateway: latency, errors, lost answers, broken connections, killed callers. */
export function faultStage(faults: Faults, clock: Clock): Stage {
  return async (call, next) => {
    if (!WITH_FAULTS.includes(call.service)) return next();
    const struck = faults.strike({
      service: call.service as FaultService,
      action: call.action,
      resource: resourceOf(call),
      byRole: call.principal !== "anonymous" && call.principal.kind === "role",
    });
    for (const { fault, random } of struck) {
      if (fault.kind === "latency") await clock.sleep(draw(fault.ms, random));
      const instead = insteadOf(fault, call);
      if (instead) return instead;
    }
    const answer = await next();
    return struck.some(({ fault }) => losesAnswer(fault, call)) ? brokenConnection : answer;
  };
}

function insteadOf(fault: Fault, call: Call): BackendResponse | undefined {
  if (fault.kind === "error") return awsError(call.service, fault.status, fault.code, fault.message);
  if (fault.kind === "reset") return brokenConnection;
  return fault.kind === "killCaller" && fault.when === "before" ? killed(call) : undefined;
}

function losesAnswer(fault: Fault, call: Call): boolean {
  if (fault.kind === "killCaller" && fault.when === "after") killed(call);
  return fault.kind === "lost" || (fault.kind === "killCaller" && fault.when === "after");
}

function killed({ principal }: Call): BackendResponse {
  if (principal !== "anonymous" && principal.kind === "role") principal.kill?.();
  return brokenConnection;
}

function resourceOf(call: Call): string {
  const { service, input, request } = call;
  if (service === "s3") return Object.values(s3Target(request)).join("/");
  if (service === "sqs") return String(input.QueueUrl ?? "");
  if (service === "lambda") return functionTarget(request)?.name ?? "";
  if (service === "sns") return String(input.TopicArn ?? "");
  if (service === "states") return String(input.stateMachineArn ?? input.executionArn ?? input.mapRunArn ?? "");
  if (service === "glue") return String(input.JobName ?? "");
  if (service === "events") return busesOf(input).join(" ");
  return tablesOf(call).join(" ");
}

function tablesOf({ action, input }: Pick<Call, "action" | "input">): string[] {
  const named = input.TableName ?? input.TableArn ?? input.ExportArn;
  if (typeof named === "string") return [named];
  const statements = statementsOf(action, input);
  if (statements) return statements.flatMap((each) => parsedStatement(each)?.table ?? []);
  if (input.RequestItems) return Object.keys(input.RequestItems);
  const parts = (input.TransactItems ?? []) as Record<string, { TableName: string }>[];
  return parts.flatMap((part) => Object.values(part).map(({ TableName }) => TableName));
}

function busesOf({ Entries }: Record<string, unknown>): string[] {
  if (!Array.isArray(Entries)) return [];
  return [...new Set((Entries as { EventBusName?: string }[]).map(({ EventBusName = "default" }) => EventBusName))];
}
