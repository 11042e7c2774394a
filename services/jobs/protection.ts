/** Whether a table can be restored to the time before a job. */
import { DescribeContinuousBackupsCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Job } from "../../shared/jobs/job";

/** State of point-in-time recovery. */
export type Protection = "recoverable" | "not recoverable";

export async function protectionOf(table: string, client: DynamoDBClient): Promise<Protection> {
  const { ContinuousBackupsDescription } = await client.send(
    new DescribeContinuousBackupsCommand({ TableName: table }),
  );
  const status = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  return status === "ENABLED" ? "recoverable" : "not recoverable";
}

/** The warning to the person who starts a job on a table that can't be restored, a sentence; none for a dry run. Pure. */
export function protectionWarnings(
  { operation, target }: Pick<Job, "operation" | "target">,
  protection: Protection | undefined,
): string[] {
  if (protection !== "not recoverable" || target === undefined || operation.params.dryRun === true) return [];
  const table = target.name;
  return [
    `Point-in-time recovery of table ${table} is off: only --keep-before lets you bring back what this job changes. To switch ` +
      "point-in-time recovery on: aws dynamodb update-continuous-backups " +
      `--table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
  ];
}
