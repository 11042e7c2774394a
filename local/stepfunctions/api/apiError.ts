/** An error that Step Functions answers with. All of them have status 400. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

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
