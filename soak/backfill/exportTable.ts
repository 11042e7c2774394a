import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExportCommand,
  DescribeTableCommand,
  ExportTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import { SluiceError } from "../../shared/errors";
import type { Patience } from "../scan/follow";
import type { Backfill } from "./backfill";

export interface Exported {
  /** `s3://BUCKET/AWSDynamoDB/ID` */
  place: string;
  items: number;
}

const LOOK_EVERY_MS = 500;

/** Exports a table as DynamoDB does. @throws SluiceError EXPORT_FAILED */
export async function exportTable(
  { dynamodb, outputs }: Backfill,
  table: string,
  { deadline, signal }: Patience,
): Promise<Exported> {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
  const recovery = { PointInTimeRecoveryEnabled: true };
  await dynamodb.send(
    new UpdateContinuousBackupsCommand({ TableName: table, PointInTimeRecoverySpecification: recovery }),
  );
  const bucket = outputs.operator.resultsBucket;
  const asked = new ExportTableToPointInTimeCommand({ TableArn: Table?.TableArn, S3Bucket: bucket });
  const ExportArn = (await dynamodb.send(asked)).ExportDescription?.ExportArn;
  for (;;) {
    const { ExportDescription } = await dynamodb.send(new DescribeExportCommand({ ExportArn }));
    const { ExportStatus, ExportManifest = "", ItemCount = 0, FailureMessage } = ExportDescription ?? {};
    if (ExportStatus === "COMPLETED") {
      return { place: `s3://${bucket}/${ExportManifest.replace(/\/manifest-summary\.json$/, "")}`, items: ItemCount };
    }
    if (ExportStatus === "FAILED" || performance.now() > deadline) {
      throw new SluiceError("EXPORT_FAILED", `The export is ${ExportStatus}: ${FailureMessage ?? "too slow"}.`);
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
