import type { Call } from "../call";
import { awsError } from "../errors";
import type { Stage } from "../gateway";
import type { BackendResponse } from "../message";
import { type StatementError, withErrors, withoutStatements } from "../partiql/batchPlaces";
import type { Principal } from "../principals";
import { objectsToDelete, type RefusedObject, withoutObjects, withRefusedObjects } from "./needs/deleteObjects";
import type { Need } from "./needs/need";
import { needsOf } from "./needs/needs";
import { needToSeeMissing } from "./needs/s3Needs";
import type { Permissions } from "./permissions";
import { refuse } from "./refusal";

/** Calls that would change policies without the program, so that evaluations would not know of the change. */
const CHANGE_POLICIES: readonly string[] = [
  "PutBucketPolicy",
  "DeleteBucketPolicy",
  "AddPermission",
  "RemovePermission",
];

/** Passes a call if all its permissions are allowed, and otherwise answers with the service's own refusal. */
export function permissionStage(permissions: Permissions): Stage {
  return async (call, next) => {
    const { principal, service } = call;
    if (principal === "anonymous") return next();
    if (changesPolicies(call)) return notHere(call, "policies come from the Pulumi program alone");
    const needs = needsOf(call, permissions.place);
    if (!needs) {
      // The administrator may do everything, even calls that are not in the tables.
      if (principal.kind === "administrator") return next();
      return notHere(call, "local/gateway/permissions/ does not list the permissions that it needs");
    }
    if (call.action === "DeleteObjects") return deleteAllowed(permissions, principal, needs, call, next);
    if (call.action === "BatchExecuteStatement") return statementsAllowed(permissions, principal, needs, call, next);
    const refusals = await allRefusals(permissions, principal, needs);
    const [first] = refusals;
    if (first !== undefined) return refuse(service, first);
    const response = await next();
    return response.status === 404 ? hideMissing(permissions, principal, call, response) : response;
  };
}

/** Evaluates all of them, so that one run reports every missing permission. The caller gets the first. */
async function allRefusals(permissions: Permissions, principal: Principal, needs: Need[]): Promise<string[]> {
  const refusals: string[] = [];
  for (const need of needs) {
    const refusal = await permissions.refusalOf(principal, need);
    if (refusal !== undefined) refusals.push(refusal);
  }
  return refusals;
}

/** Deletes the objects that may be deleted and reports the others, like S3. */
async function deleteAllowed(
  permissions: Permissions,
  principal: Principal,
  needs: Need[],
  call: Call,
  next: () => Promise<BackendResponse>,
): Promise<BackendResponse> {
  const refused = new Map<number, RefusedObject>();
  for (const [at, object] of objectsToDelete(call.request).entries()) {
    const message = await permissions.refusalOf(principal, needs[at] as Need);
    if (message !== undefined) refused.set(at, { ...object, message });
  }
  if (refused.size === 0) return next();
  const refusals = [...refused.values()];
  if (refused.size === needs.length) return withRefusedObjects(undefined, refusals);
  call.request = withoutObjects(call.request, refused);
  return withRefusedObjects(await next(), refusals);
}

/** Runs the permitted statements; the others get the error AccessDenied in their place. */
async function statementsAllowed(
  permissions: Permissions,
  principal: Principal,
  needs: Need[],
  call: Call,
  next: () => Promise<BackendResponse>,
): Promise<BackendResponse> {
  const errors = new Map<number, StatementError>();
  for (const [place, need] of needs.entries()) {
    const refusal = await permissions.refusalOf(principal, need);
    if (refusal !== undefined) errors.set(place, { Error: { Code: "AccessDenied", Message: refusal } });
  }
  if (errors.size > 0 && errors.size === needs.length) return withErrors(undefined, needs.length, errors);
  const { input, request } = withoutStatements(call, errors);
  Object.assign(call, { input, request });
  return withErrors(await next(), needs.length, errors);
}

async function hideMissing(
  permissions: Permissions,
  principal: Principal,
  call: Call,
  response: BackendResponse,
): Promise<BackendResponse> {
  const need = call.service === "s3" ? needToSeeMissing(call) : undefined;
  if (!need || response.body.includes("NoSuchBucket")) return response;
  const refusal = await permissions.refusalOf(principal, need);
  return refusal === undefined ? response : refuse("s3", refusal);
}

function changesPolicies({ service, action, input }: Call): boolean {
  if (service === "sns" && action === "SetTopicAttributes") return input.AttributeName === "Policy";
  return (
    CHANGE_POLICIES.includes(action) || (input.Attributes as { Policy?: string } | undefined)?.Policy !== undefined
  );
}

function notHere({ service, action }: Call, why: string): BackendResponse {
  return awsError(service, 501, "NotImplemented", `The local cloud does not answer ${action}: ${why}.`);
}
