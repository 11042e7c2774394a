/**
 * The errors by which Step Functions reports that a function was killed.
 * https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception: "Unhandled errors in Lambda
 * are reported as Lambda.Unknown. These include out-of-memory errors and function timeouts."
 */
export const KILLED_ERRORS = [
  "Lambda.Unknown",
  // Lambda's own names for a function that ran out of time or ended its process.
  "Sandbox.Timedout",
  "Runtime.ExitError",
  "States.Timeout",
] as const;
