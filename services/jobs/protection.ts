/** Whether a table can be restored to the time before a job, and whether the stack may change the table at all. */
import { DescribeContinuousBackupsCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** State of point-in-time recovery. */
export type Protection = "recoverable" | "not recoverable";

/**
 * `denied`: the stack may not change the table. The start function's role allows this call on just those tables that the
 * writing workers may change, so the answer shows that too.
 */
export async function protectionOf(table: string, client: DynamoDBClient): Promise<Protection | "denied"> {
  try {
    const { ContinuousBackupsDescription } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName: table }),
    );
    const status = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    return status === "ENABLED" ? "recoverable" : "not recoverable";
  } catch (error) {
    if ((error as Error).name === "AccessDeniedException") return "denied";
    throw error;
  }
}

/** What to tell whoever starts a job on a table that can't be restored, a sentence. */
export function protectionWarning(table: string): string {
  return (
    `Point-in-time recovery of table ${table} is off: after this job, nothing brings back what it changes but ` +
    "--keep-before. To switch it on: aws dynamodb update-continuous-backups " +
    `--table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`
  );
}
