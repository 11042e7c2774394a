import { ApiError } from "../../gateway/apiError";
import { FORBIDDEN_CHARACTERS } from "../definition/ranges";
import { isTooLarge, LIMITS } from "../limits";
import { constraint } from "./apiError";

export type Input = Readonly<Record<string, unknown>>;

/** Fields that each call takes. Other fields are refused, so that none is ignored. */
export const FIELDS: Readonly<Record<string, readonly string[]>> = {
  DescribeExecution: ["executionArn", "includedData"],
  DescribeMapRun: ["mapRunArn"],
  DescribeStateMachine: ["stateMachineArn", "includedData"],
  GetExecutionHistory: ["executionArn", "maxResults", "reverseOrder", "nextToken", "includeExecutionData"],
  ListExecutions: ["stateMachineArn", "mapRunArn", "statusFilter", "maxResults", "nextToken"],
  ListMapRuns: ["executionArn", "maxResults", "nextToken"],
  StartExecution: ["stateMachineArn", "name", "input"],
  StopExecution: ["executionArn", "error", "cause"],
  UpdateMapRun: ["mapRunArn", "maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"],
};

const STATUSES = ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"];
const PAGE = { usual: 100, most: 1_000 };

/** An ARN of the given kind. @throws ApiError InvalidArn, ValidationException. */
export function arnIn(input: Input, field: string, kind: "stateMachine" | "execution" | "mapRun"): string {
  const arn = input[field];
  if (typeof arn !== "string" || arn === "") throw constraint(field, arn ?? null, "Member must not be null");
  if (!arn.startsWith("arn:")) throw new ApiError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (arn.split(":")[5] === kind) return arn;
  const code = kind === "mapRun" ? "ValidationException" : "InvalidArn";
  throw new ApiError(code, `Invalid Arn: 'Resource type not valid in this context: ${arn.split(":")[5]}'`);
}

/** The name of an execution. @throws ApiError InvalidName, ValidationException. */
export function nameIn({ name }: Input): string | undefined {
  if (name === undefined) return undefined;
  const text = String(name);
  if (text.length > LIMITS.nameCharacters) {
    throw constraint("name", text, `Member must have length less than or equal to ${LIMITS.nameCharacters}`);
  }
  if (text === "") throw constraint("name", text, "Member must have length greater than or equal to 1");
  if (FORBIDDEN_CHARACTERS.test(text)) throw new ApiError("InvalidName", `Invalid Name: '${text}'`);
  return text;
}

/** The input of an execution, as JSON. @throws ApiError InvalidExecutionInput, ValidationException. */
export function executionInput({ input = "{}" }: Input): string {
  const text = String(input);
  if (isTooLarge(text)) {
    throw constraint("input", "…", `Member must have length less than or equal to ${LIMITS.dataBytes}`);
  }
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const why = text === "" ? "Invalid execution input." : (error as Error).message;
    throw new ApiError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${why}'`);
  }
}

/** @throws ApiError ValidationException. */
export function statusIn({ statusFilter }: Input): string | undefined {
  if (statusFilter === undefined || STATUSES.includes(String(statusFilter))) return statusFilter as string | undefined;
  throw constraint("statusFilter", statusFilter, `Member must satisfy enum value set: [${STATUSES.join(", ")}]`);
}

/** A number from 0 on; undefined if it is missing. @throws ApiError ValidationException. */
export function numberIn(input: Input, field: string, most: number): number | undefined {
  const value = input[field];
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= 0 && value <= most) return value;
  throw constraint(field, value, `Member must be a number from 0 to ${most}`);
}

/** A page of a list. The token is the place of its first element. @throws ApiError InvalidToken. */
export function pageOf<T>(all: readonly T[], input: Input): { page: readonly T[]; nextToken?: string } {
  const asked = numberIn(input, "maxResults", PAGE.most);
  const from = input.nextToken === undefined ? 0 : Number(input.nextToken);
  if (!Number.isInteger(from)) throw new ApiError("InvalidToken", `Invalid Token: '${input.nextToken}'`);
  const to = from + (asked || PAGE.usual);
  return { page: all.slice(from, to), ...(to < all.length ? { nextToken: String(to) } : {}) };
}
