import { randomUUID } from "node:crypto";
import { isPlainObject, parseJson } from "../../shared/json";
import type { Call } from "../gateway/call";
import { awsError } from "../gateway/errors";
import { functionArn, functionTarget } from "../gateway/functionTarget";
import type { BackendRequest, BackendResponse } from "../gateway/message";
import type { AsyncInvocations } from "./asyncInvocations";
import type { FunctionSpec, InvocationResult } from "./functionSpec";
import type { Functions } from "./functions";

/** The largest payload of a synchronous request, in bytes, as Lambda's own message has it. */
const MAX_REQUEST_BYTES = 6_291_456;
/** The largest answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESPONSE_BYTES = 6_291_556;
/** The largest payload of an asynchronous event: 1 MB. */
const MAX_EVENT_BYTES = 1_048_576;

/** Options of a request that the local cloud does not support. */
const NOT_HONOURED: readonly string[] = ["x-amz-tenant-id", "x-amz-durable-execution-name"];

export interface InvokeApiOptions {
  functions: Functions;
  events: AsyncInvocations;
  place: { region: string; accountId: string };
}

/** The part of Lambda's API that callers of functions need: Invoke and GetFunctionConfiguration. */
export class InvokeApi {
  readonly #options: InvokeApiOptions;

  constructor(options: InvokeApiOptions) {
    this.#options = options;
  }

  async handle({
    action,
    request,
    principal,
  }: Pick<Call, "action" | "request" | "principal">): Promise<BackendResponse> {
    if (action !== "Invoke" && action !== "GetFunctionConfiguration") {
      return notHere(`The local cloud does not know ${action}.`);
    }
    const target = functionTarget(request);
    if (!target) return lambdaError(400, "ValidationException", `${request.url} does not name a function.`);
    const arn = functionArn(target, this.#options.place);
    const spec = this.#options.functions.find(arn);
    if (!spec || (target.qualifier ?? "$LATEST") !== "$LATEST") {
      const shown = target.qualifier === undefined ? arn : `${arn}:${target.qualifier}`;
      return lambdaError(404, "ResourceNotFoundException", `Function not found: ${shown}`);
    }
    const waits = typeof principal === "object" && principal.kind === "role" && principal.waitsForRoom === true;
    return action === "Invoke" ? this.#invoke(spec, request, waits) : json(200, configurationOf(spec));
  }

  async #invoke(spec: FunctionSpec, request: BackendRequest, waits: boolean): Promise<BackendResponse> {
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    const refusal = refusalOf(request, type);
    if (refusal) return refusal;
    if (type === "DryRun") return answer(204);
    let event: unknown;
    try {
      event = eventOf(request.body);
    } catch (error) {
      const message = `Could not parse request body into json: Could not parse payload into json: ${error}`;
      return lambdaError(400, "InvalidRequestContentException", message);
    }
    const context = clientContextIn(request);
    if (context === undefined) {
      return lambdaError(
        400,
        "InvalidRequestContentException",
        "Client context must be a valid Base64-encoded JSON object.",
      );
    }
    const requestId = randomUUID();
    const { functions, events } = this.#options;
    if (type === "Event") {
      events.accept(spec.arn, event, requestId);
      return answer(202, { "x-amzn-requestid": requestId });
    }
    if (!functions.hasRoom(spec.arn, waits)) return throttled(spec);
    return answered(await functions.invoke(spec.arn, event, requestId, context.value), requestId);
  }
}

/** The problem of a request, before its payload is read. */
function refusalOf({ headers, body }: BackendRequest, type: unknown): BackendResponse | undefined {
  if (type !== "RequestResponse" && type !== "Event" && type !== "DryRun") {
    const message = `Value '${type}' at 'invocationType' must be one of Event, RequestResponse, DryRun`;
    return lambdaError(400, "InvalidParameterValueException", message);
  }
  const lost = NOT_HONOURED.filter((name) => headers[name] !== undefined);
  if (headers["x-amz-log-type"] === "Tail") lost.push("x-amz-log-type: Tail");
  if (lost.length > 0) return notHere(`The local cloud does not honour ${lost.join(", ")}.`);
  if (body.length > MAX_REQUEST_BYTES) {
    const message = `Request must be smaller than ${MAX_REQUEST_BYTES} bytes for the InvokeFunction operation`;
    return lambdaError(413, "RequestEntityTooLargeException", message);
  }
  if (type === "Event" && body.length > MAX_EVENT_BYTES) {
    const message = `${body.length} byte payload is too large for the Event invocation type (limit ${MAX_EVENT_BYTES} bytes)`;
    return lambdaError(413, "RequestEntityTooLargeException", message);
  }
  return undefined;
}

/** The parsed payload; an empty object if there is none. @throws SyntaxError or TypeError if it is no JSON in UTF-8. */
function eventOf(body: Buffer): unknown {
  return body.length === 0 ? {} : JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
}

/**
 * The client context, which Lambda passes on for synchronous invocations. `value`: undefined if there is none. Undefined: it is no
 * JSON object.
 */
function clientContextIn({ headers }: BackendRequest): { readonly value: unknown } | undefined {
  const given = headers["x-amz-client-context"];
  if (given === undefined) return { value: undefined };
  const value = parseJson(Buffer.from(String(given), "base64").toString());
  return isPlainObject(value) ? { value } : undefined;
}

function answered(result: InvocationResult, requestId: string): BackendResponse {
  const headers = { "x-amzn-requestid": requestId, "x-amz-executed-version": "$LATEST" };
  const failed = { ...headers, "x-amz-function-error": "Unhandled" };
  if ("functionError" in result) return json(200, result.functionError, failed);
  const body = Buffer.from(result.payload);
  if (body.length <= MAX_RESPONSE_BYTES) return { ...json(200, null, headers), body };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
  return json(200, { errorType: "Function.ResponseSizeTooLarge", errorMessage }, failed);
}

function throttled({ reservedConcurrency }: FunctionSpec): BackendResponse {
  const reason = `${reservedConcurrency === undefined ? "" : "ReservedFunction"}ConcurrentInvocationLimitExceeded`;
  return lambdaError(429, "TooManyRequestsException", "Rate Exceeded.", { Reason: reason });
}

/** The part of a function's configuration that the local cloud has, without its variables, which no caller needs. */
function configurationOf({ name, arn, roleArn, handler, ...spec }: FunctionSpec): object {
  return {
    FunctionName: name,
    FunctionArn: arn,
    Role: roleArn,
    Handler: handler,
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMegabytes,
    Version: "$LATEST",
    PackageType: "Zip",
    State: "Active",
    LastUpdateStatus: "Successful",
    LoggingConfig: { LogFormat: "Text", LogGroup: spec.logGroup },
  };
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): BackendResponse {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}

function answer(status: number, headers: Record<string, string> = {}): BackendResponse {
  return { status, headers, body: Buffer.alloc(0) };
}

function notHere(message: string): BackendResponse {
  return lambdaError(501, "NotImplemented", message);
}

function lambdaError(status: number, code: string, message: string, more: object = {}): BackendResponse {
  return awsError("lambda", status, code, message, { more });
}
