/** A project's folder whose local cloud seems to have the intake of a desk. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Desk } from "../../../services/ingest/desk/desk";
import { scratchFolder } from "../../sender/helpers";

export async function stackOf(desk: Desk): Promise<string> {
  const { config } = desk.s3;
  const { protocol, hostname, port } = await config.endpoint!();
  const { accessKeyId, secretAccessKey } = await config.credentials();
  const { queueUrl, rawBucket, quarantineBucket, resultsTable, submissionsTable } = desk;
  const region = "us-east-1";
  const local = {
    endpoint: `${protocol}//${hostname}:${port}`,
    region,
    credentials: { accessKeyId, secretAccessKey },
    outputs: { intake: { region, queueUrl, rawBucket, quarantineBucket, resultsTable, submissionsTable } },
  };
  const folder = await scratchFolder();
  await mkdir(join(folder, ".sluice"));
  await writeFile(join(folder, ".sluice/local.json"), JSON.stringify(local));
  return folder;
}

/** A terminal at which somebody answers. */
export function terminal(answer: string) {
  const ask = jest.fn<Promise<string>, [string]>(async () => answer);
  return { ask };
}
