import { lambdaOperation } from "./functionTarget";
import type { BackendRequest } from "./message";
import type { Principal } from "./principals";
import { s3Operation } from "./s3Operation";

/** The services the gateway stands in front of, by their name in a signature. */
export type Service =
  | ("dynamodb" | "sqs" | "s3" | "lambda" | "events" | "sns" | "states" | "secretsmanager" | "sts" | "cognito-identity")
  | "glue"
  // CloudWatch and its Logs.
  | ("monitoring" | "logs");

/** A parsed request: its service, its action and its caller. */
export interface Call {
  service: Service;
  /** As in IAM and the API reference, such as `PutItem`. */
  action: string;
  principal: Principal | "anonymous";
  request: BackendRequest;
  /** The body of a JSON request, parsed, or the fields of a form; empty for S3 and Lambda. */
  input: Record<string, unknown>;
}

/** The few actions that need no signature: how a guest gets credentials. */
export function unsignedService({ headers, body }: BackendRequest): Service | undefined {
  if (String(headers["x-amz-target"]).startsWith("AWSCognitoIdentityService.")) return "cognito-identity";
  if (formAction(body) === "AssumeRoleWithWebIdentity") return "sts";
  return undefined;
}

/** Name of the action a request asks for, and its parsed body where that is JSON or a form. */
export function operationOf(service: Service, request: BackendRequest): Pick<Call, "action" | "input"> {
  if (service === "s3") return { action: s3Operation(request), input: {} };
  // A payload that is no JSON is Lambda's own error.
  if (service === "lambda") return { action: lambdaOperation(request), input: {} };
  if (service === "sts" || service === "sns") {
    const form = Object.fromEntries(new URLSearchParams(request.body.toString()));
    return { action: form.Action ?? "", input: form };
  }
  const action = String(request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
  return { action, input: request.body.length > 0 ? JSON.parse(request.body.toString()) : {} };
}

function formAction(body: Buffer): string | null {
  return body.length < 10_000 ? new URLSearchParams(body.toString()).get("Action") : null;
}
