/**
 * The options of the scanner service, each with meaning, unit, default and bounds. In Pulumi config the key of one is
 * `scanner` and its name: `pulumi config set scannerTables orders,customers`.
 */
import type { ConfigReader } from "../../shared/infra/config";
import { boolean, email, type Fields, integer, text, type Values } from "../../shared/infra/fields";
import { emailWithoutAlarms, logFields } from "../../shared/infra/serviceFields";
import { namedModuleProblems, namedModules } from "../../shared/infra/userModules";

export const scannerFields = {
  tables: text("Names of tables it may work on besides the program's own, separated by commas", {
    default: "",
    pattern: /^([\w.-]{3,255}(,[\w.-]{3,255})*)?$/,
    rule: "table names separated by commas, without blanks",
  }),
  operations: text("Operations of your own: name=path of the module, separated by commas", {
    default: "",
    pattern: /^([^=,\s]+=[^=,]+(,[^=,\s]+=[^=,]+)*)?$/,
    rule: "name=path separated by commas, such as histogram=operations/histogram.ts",
  }),
  maximumConcurrency: integer("Most worker functions at once; each reads about 400 RCU/s", {
    default: 16,
    minimum: 2,
    maximum: 1_000,
  }),
  batchSize: integer("Chains that one worker function works on at once", { default: 1, minimum: 1, maximum: 10 }),
  timeoutSeconds: integer("Longest run of a worker before it hands its chain on, in seconds", {
    default: 60,
    minimum: 10,
    maximum: 900,
  }),
  // Measured by `npm run bench -- worker-memory`: counts and exports need 120 to 150 MB.
  memoryMegabytes: integer("Memory of a worker, in MB; CPU grows with it; 256 costs least per item", {
    default: 256,
    minimum: 256,
    maximum: 10_240,
  }),
  ...logFields,
  alarms: boolean("Whether CloudWatch alarms watch dead letters, errors and throttles", true),
  alarmEmail: email("Who gets a mail for each alarm; empty: nobody"),
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
