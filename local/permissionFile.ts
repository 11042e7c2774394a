import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { PermissionReport } from "./gateway/permissions/usage/report";

/** Keeps a run's report beside its logs, for people and for the next tool. */
export async function writePermissions(file: string, report: PermissionReport): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}
