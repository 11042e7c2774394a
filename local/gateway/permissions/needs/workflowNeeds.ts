import type { Call } from "../../call";
import { functionArn, functionTarget } from "../../functionTarget";
import type { Need, Place } from "./need";

/** Step Functions calls and the input field that names their resource. */
const STATES_CALLS: Record<string, string> = {
  DescribeExecution: "executionArn",
  DescribeMapRun: "mapRunArn",
  DescribeStateMachine: "stateMachineArn",
  GetExecutionHistory: "executionArn",
  ListExecutions: "stateMachineArn",
  ListMapRuns: "executionArn",
  RedriveExecution: "executionArn",
  StartExecution: "stateMachineArn",
  StartSyncExecution: "stateMachineArn",
  StopExecution: "executionArn",
  UpdateMapRun: "mapRunArn",
};

/** Step Functions calls without a resource in IAM. */
const WITHOUT_RESOURCE: readonly string[] = [
  ...["ListStateMachines", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"],
];

/** The permission that a Step Functions call needs; undefined for calls that are not in the tables above. */
export function statesNeeds({ action, input }: Pick<Call, "action" | "input">): Need[] | undefined {
  if (WITHOUT_RESOURCE.includes(action)) return [{ action: `states:${action}`, resource: "*", context: {} }];
  const field = STATES_CALLS[action];
  // Child executions are listed by their Map Run.
  const resource = field === undefined ? undefined : String(input[field] ?? input.mapRunArn);
  if (resource === undefined) return undefined;
  // Step Functions itself reports an invalid ARN, to any caller.
  return resource.startsWith("arn:") ? [{ action: `states:${action}`, resource, context: {} }] : [];
}

/** Lambda calls and the IAM action each needs. */
const LAMBDA_CALLS: Record<string, string> = {
  GetFunction: "GetFunction",
  GetFunctionConfiguration: "GetFunctionConfiguration",
  Invoke: "InvokeFunction",
};

/**
 * The permission that a Lambda call needs, for invoking and for reading a function's configuration. The path names the
 * function.
 */
export function lambdaNeeds({ action, request }: Pick<Call, "action" | "request">, place: Place): Need[] | undefined {
  const iam = LAMBDA_CALLS[action];
  const target = functionTarget(request);
  if (!iam || !target) return undefined;
  const arn = functionArn(target, place);
  const resource = target.qualifier === undefined ? arn : `${arn}:${target.qualifier}`;
  return [{ action: `lambda:${iam}`, resource, context: {} }];
}
