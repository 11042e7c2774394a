import type { Json } from "../../../shared/json";
import type { Faults } from "../../faults/faults";
import type { BackendResponse } from "../../gateway/message";
import type { RoleCaller } from "../../gateway/roleCaller";
import { LAMBDA_INVOKE } from "../definition/definition";
import type { TaskAttempt } from "../interpreter/level";
import { RuntimeFailure, StateError } from "../stateError";

/**
 * Errors of Lambda's Invoke that Step Functions knows by name; the others are `Lambda.AWSLambdaException`.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
const KNOWN_ERRORS: readonly string[] = [
  ...["InvalidParameterValueException", "InvalidRequestContentException", "RequestTooLargeException"],
  ...["ResourceConflictException", "ResourceNotFoundException", "ResourceNotReadyException", "ServiceException"],
  ...["TooManyRequestsException", "UnsupportedMediaTypeException", "EC2ThrottledException", "EC2UnexpectedException"],
  ...["ENILimitReachedException", "RecursiveInvocationException", "SnapStartNotReadyException"],
];

/**
 * Invokes the function of a task, as the state machine's role.
 * @throws StateError with the name that Step Functions gives the failure.
 */
export async function invokeFunction(task: TaskAttempt, caller: RoleCaller, faults: Faults): Promise<Json> {
  const isIntegration = task.state.Resource === LAMBDA_INVOKE;
  const { functionName, payload } = isIntegration
    ? invocationOf(task.parameters)
    : { functionName: task.state.Resource, payload: task.parameters };
  const url = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const send = () => caller.send("lambda", { method: "POST", url, body: Buffer.from(JSON.stringify(payload)) });
  const answer = send();
  // The answer of the second delivery is dropped.
  if (isDeliveredTwice(`${task.name} ${functionName}`, faults)) void send();
  const response = await answer;
  const result = resultOf(response);
  return isIntegration ? wrapped(result, response) : result;
}

function isDeliveredTwice(resource: string, faults: Faults): boolean {
  const struck = faults.strike({ service: "states", action: "Deliver", resource, byRole: true, inside: true });
  return struck.some(({ fault }) => fault.kind === "duplicate");
}

function invocationOf(parameters: Json): { functionName: string; payload: Json } {
  const { FunctionName, Payload = {} } = parameters as { FunctionName?: Json; Payload?: Json };
  if (typeof FunctionName === "string") return { functionName: FunctionName, payload: Payload };
  throw new RuntimeFailure("The parameter FunctionName of lambda:invoke must be a string.");
}

function resultOf({ status, headers, body }: BackendResponse): Json {
  const text = body.toString();
  if (status === 0)
    throw new StateError("Lambda.SdkClientException", "Unable to execute HTTP request: connection reset");
  if (status !== 200)
    throw refused(status, String(headers["x-amzn-errortype"] ?? ""), text, headers["x-amzn-requestid"]);
  if (headers["x-amz-function-error"] === undefined) return JSON.parse(text === "" ? "null" : text) as Json;
  const { errorType } = JSON.parse(text) as { errorType?: string };
  throw new StateError(errorType ?? "Lambda.Unknown", text);
}

function refused(status: number, code: string, text: string, requestId: unknown): StateError {
  const { message } = JSON.parse(text) as { message?: string };
  const where = `(Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;
  return new StateError(`Lambda.${KNOWN_ERRORS.includes(code) ? code : "AWSLambdaException"}`, `${message} ${where}`);
}

/** The answer of `lambda:invoke`, in which the function's answer is the `Payload`. */
function wrapped(Payload: Json, { status, headers, body }: BackendResponse): Json {
  const RequestId = String(headers["x-amzn-requestid"] ?? "");
  const HttpHeaders = {
    "Content-Length": String(body.length),
    "Content-Type": "application/json",
    "X-Amz-Executed-Version": "$LATEST",
    "x-amzn-RequestId": RequestId,
  };
  const AllHttpHeaders = Object.fromEntries(Object.entries(HttpHeaders).map(([name, value]) => [name, [value]]));
  return {
    ExecutedVersion: "$LATEST",
    Payload,
    SdkHttpMetadata: { AllHttpHeaders, HttpHeaders, HttpStatusCode: status },
    SdkResponseMetadata: { RequestId },
    StatusCode: status,
  };
}
