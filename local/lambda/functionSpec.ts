/** A Lambda function as the program declared it. */
export interface FunctionSpec {
  name: string;
  arn: string;
  roleArn: string;
  /** Folder into which the archive was unpacked. */
  taskRoot: string;
  /** `file.export`, as in Lambda. */
  handler: string;
  timeoutSeconds: number;
  memoryMegabytes: number;
  /** The function's own variables. */
  environment: Record<string, string>;
  logGroup: string;
  /** Most instances at once; undefined for as many as the local cloud runs. */
  reservedConcurrency: number | undefined;
}

/** The error of a failed invocation, as in Lambda's error payload. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export type InvocationResult = { payload: string } | { functionError: FunctionError };
