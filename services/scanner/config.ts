/**
 * The options of the scanner service, each with meaning, unit, default and bounds. In Pulumi config, the key is `scanner`
 * and the option's name: `pulumi config set scannerTables orders,customers`.
 */
import type { ConfigReader } from "../../shared/infra/config";
import type { Fields, Values } from "../../shared/infra/fields";
import { emailWithoutAlarms } from "../../shared/infra/serviceFields";
import { namedModuleProblems, namedModules } from "../../shared/infra/userModules";
import { moduleList, tableList, workerFields } from "../jobs/workerFields";

export const scannerFields = {
  tables: tableList("Names of tables that jobs may read besides the program's own, separated by commas"),
  operations: moduleList(
    "Operations of your own: name=path of the module, separated by commas",
    "histogram=operations/histogram.ts",
  ),
  // Measured by `npm run bench -- worker-memory`: counts and exports need 120 to 150 MB.
  ...workerFields("reads about 400 RCU/s", { default: 256, note: "; 256 costs least per item" }),
} satisfies Fields;

export type ScannerSettings = Values<typeof scannerFields>;

/** Reads `scanner…` from the stack's config; problems stay in the reader. */
export function readScannerSettings(reader: ConfigReader): ScannerSettings {
  return reader.read(scannerFields, "scanner", (settings) => [
    ...emailWithoutAlarms(settings),
    ...namedModuleProblems("operations", settings.operations),
  ]);
}

/** The modules in the option `operations`, by name. */
export function operationModules(settings: Pick<ScannerSettings, "operations">): Record<string, string> {
  return namedModules(settings.operations);
}
