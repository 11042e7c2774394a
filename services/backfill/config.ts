/**
 * The options of the backfill service, each with meaning, unit, default and bounds. In Pulumi config the key of one is
 * `backfill` and its name: `pulumi config set backfillTables orders,customers`.
 */
import type { ConfigReader } from "../../shared/infra/config";
import { boolean, email, type Fields, integer, text, type Values } from "../../shared/infra/fields";
import { emailWithoutAlarms, logFields } from "../../shared/infra/serviceFields";
import { namedModuleProblems, namedModules } from "../../shared/infra/userModules";

export const backfillFields = {
  tables: text("Names of tables that update, delete and copy may change, separated by commas; empty: no such jobs", {
    default: "",
    pattern: /^([\w.-]{3,255}(,[\w.-]{3,255})*)?$/,
    rule: "table names separated by commas, without blanks",
  }),
  updates: text("Updates of your own: name=path of the module, separated by commas", {
    default: "",
    pattern: /^([^=,\s]+=[^=,]+(,[^=,\s]+=[^=,]+)*)?$/,
    rule: "name=path separated by commas, such as addStatus=updates/addStatus.ts",
  }),
  maximumConcurrency: integer("Most worker functions at once; each writes about 1,000 WCU/s", {
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
  memoryMegabytes: integer("Memory of a worker, in MB; CPU grows with it", {
    default: 512,
    minimum: 256,
    maximum: 10_240,
  }),
  ...logFields,
  alarms: boolean("Whether CloudWatch alarms watch dead letters, errors and throttles", true),
  alarmEmail: email("Who gets a mail for each alarm; empty: nobody"),
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
