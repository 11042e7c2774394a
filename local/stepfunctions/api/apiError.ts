import { ApiError } from "../../gateway/apiError";

export function notThere(kind: "StateMachine" | "Execution", arn: string): ApiError {
  const shown = kind === "StateMachine" ? "State Machine" : kind;
  return new ApiError(`${kind}DoesNotExist`, `${shown} Does Not Exist: '${arn}'`);
}

export function constraint(field: string, value: unknown, rule: string): ApiError {
  return new ApiError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ${rule}`,
  );
}
