/** Compares the table that a job changes with its identity when the job began, if it isn't the table that the job reads. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { identifyTable, identityProblem, type TableIdentity } from "./identity";
import type { TableSchema } from "./schema";

/** Errors of DynamoDB after which the table can't be changed, by name. */
const GONE: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "no longer exists",
  AccessDeniedException: "may not be changed",
};

/** Why no unit of a job can change the table any more, if the error means that. */
export function targetVerdict(error: unknown, { name: table }: Pick<TableSchema, "name">): string | undefined {
  const { name, message } = error as { name?: string; message?: string };
  return name !== undefined && Object.hasOwn(GONE, name) ? `Table ${table} ${GONE[name]}: ${message}` : undefined;
}

/** The parts of a job's record about the table that it changes. */
export interface JobTarget {
  readonly target?: TableSchema;
  readonly targetIdentity?: TableIdentity;
}

/**
 * Why a job can't change its target any more: it is another table of the same name, or none at all. Undefined: it can, or the
 * job changes the table that it reads.
 *
 * @param retry repeats a call that fails for a transient reason. Default: one attempt.
 * @throws an error that prevents the description but shows nothing about the table, such as a time-out
 */
export async function targetProblem(
  { target, targetIdentity }: JobTarget,
  dynamodb: DynamoDBClient,
  retry: <T>(call: () => Promise<T>) => Promise<T> = (call) => call(),
): Promise<string | undefined> {
  if (target === undefined || targetIdentity === undefined) return undefined;
  try {
    const now = await retry(() => identifyTable({ table: target.name }, dynamodb));
    return identityProblem(targetIdentity, now, target.name);
  } catch (error) {
    const verdict = targetVerdict(error, target);
    if (verdict === undefined) throw error;
    return verdict;
  }
}
