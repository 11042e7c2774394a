/**
 * The options of the backfill service, each with meaning, unit, default and bounds. In Pulumi config, the key is
 * `backfill` and the option's name: `pulumi config set backfillTables orders,customers`.
 */
import type { ConfigReader } from "../../shared/infra/config";
import type { Fields, Values } from "../../shared/infra/fields";
import { emailWithoutAlarms } from "../../shared/infra/serviceFields";
import { namedModuleProblems, namedModules } from "../../shared/infra/userModules";
import { moduleList, tableList, workerFields } from "../jobs/workerFields";

export const backfillFields = {
  tables: tableList(
    "Names of tables that update, delete and copy may change, separated by commas; empty: no such jobs",
  ),
  updates: moduleList(
    "Updates of your own: name=path of the module, separated by commas",
    "addStatus=updates/addStatus.ts",
  ),
  ...workerFields("writes about 1,000 WCU/s", { default: 512 }),
} satisfies Fields;

export type BackfillSettings = Values<typeof backfillFields>;

/** Reads `backfill…` from the stack's config; problems stay in the reader. */
export function readBackfillSettings(reader: ConfigReader): BackfillSettings {
  return reader.read(backfillFields, "backfill", (settings) => [
    ...emailWithoutAlarms(settings),
    ...namedModuleProblems("updates", settings.updates),
  ]);
}

/** The modules in the option `updates`, by name. */
export function updateModules({ updates }: Pick<BackfillSettings, "updates">): Record<string, string> {
  return namedModules(updates);
}
