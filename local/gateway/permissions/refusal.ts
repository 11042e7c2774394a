import { awsError } from "../errors";
import type { BackendResponse } from "../message";
import type { DenialReason } from "./evaluation/decision";
import type { Need } from "./needs/need";
import type { Refusal } from "./usage/report";

/** Status and code of each service's refusal. */
const SHAPES: Record<string, [status: number, code: string]> = {
  dynamodb: [400, "AccessDeniedException"],
  events: [400, "AccessDeniedException"],
  logs: [400, "AccessDeniedException"],
  lambda: [403, "AccessDeniedException"],
  secretsmanager: [400, "AccessDeniedException"],
  sns: [403, "AuthorizationError"],
  states: [400, "AccessDeniedException"],
};
const USUAL: [number, string] = [403, "AccessDenied"];

/** The error a caller gets, in the service's own shape. */
export function refuse(service: string, message: string): BackendResponse {
  const [status, code] = SHAPES[service] ?? USUAL;
  return awsError(service, status, code, message);
}

/** AWS's own sentence. S3 puts the resource in quotes, SQS writes the action in lower case. */
export function refusalMessage(callerArn: string, { action, resource }: Need, reason: DenialReason): string {
  const service = action.split(":")[0];
  const shown = service === "sqs" ? action.toLowerCase() : action;
  const on = service === "s3" ? `"${resource}"` : resource;
  return `User: ${callerArn} is not authorized to perform: ${shown} on resource: ${on} ${reasonText(reason, shown)}`;
}

/** A refusal in the report. */
export function refusalOf({ action, resource }: Need, reason: DenialReason): Omit<Refusal, "times"> {
  const general = resource.replace(/^(arn:aws:s3:::[^/]+)\/.*$/s, "$1/*");
  const refusal = { action, resource: general, reason: reasonText(reason, action) };
  if (reason.kind === "explicitDeny" || reason.policies === "resource-based") return refusal;
  return { ...refusal, missing: { Effect: "Allow", Action: [action], Resource: general } };
}

/** A refusal in the log: AWS's sentence, and what to do about it. */
export function refusalAdvice(role: string, message: string, { missing }: Pick<Refusal, "missing">): string {
  if (!missing) return message;
  return `${message}. If ${role} is to do this, its policy needs the statement ${JSON.stringify(missing)}`;
}

function reasonText(reason: DenialReason, action: string): string {
  if (reason.kind === "nothingAllows") return `because no ${reason.policies} policy allows the ${action} action`;
  return `with an explicit deny in ${reason.policies === "identity-based" ? "an" : "a"} ${reason.policies} policy`;
}
