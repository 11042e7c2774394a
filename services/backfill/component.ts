import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import { emailWithoutAlarms, nameProblems } from "../../shared/infra/serviceFields";
import { moduleProblems, registeredModules } from "../../shared/infra/userModules";
import { takeTurns, writingPermissions } from "../jobs/permissions";
import { QueueWorkers } from "../jobs/queueWorkers";
import type { JobRecords } from "../jobs/records";
import { type Reach, tableNameProblems } from "../jobs/tableAccess";
import { type BackfillSettings, backfillFields } from "./config";

/** Every field of `backfillFields` (config.ts) but `tables` and `updates`, with defaults and bounds as there, and: */
export interface TableBackfillArgs
  extends Omit<Reach, "changedTables">,
    Partial<Omit<BackfillSettings, "tables" | "updates">> {
  /** The tables that its jobs may change, at least one. `tables` are those that they may read besides these. */
  changedTables: NonNullable<Reach["changedTables"]>;
  /** Where its jobs live. */
  records: JobRecords;
  /** Updates of your own: name to path of a module, from the project's folder. See shared/operations/user/userUpdate.ts. */
  updates?: Readonly<Record<string, string>>;
  /** True makes `pulumi destroy` stop at queues and log group. Default true. */
  deletionProtection?: boolean;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}

/** The queue driver's writing side: updates, deletes and copies. */
export class TableBackfill extends QueueWorkers {
  /**
   * @param name 1 to 35 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_BACKFILL_ARGS with all problems, before anything is made; TooManyPermissions if a role
   *   cannot hold so many tables.
   */
  constructor(name: string, args: TableBackfillArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    const { records, tables, changedTables, updates = {}, deletionProtection = true } = args;
    const reach = { ...args, tables: [...new Set([...tables, ...changedTables])] };
    super(
      "sluice:backfill:TableBackfill",
      name,
      {
        ...args,
        settings,
        entry: "services/backfill/handlers/work.ts",
        replaced: registeredModules("updates", updates, process.cwd()),
        permissions: (queue) => [takeTurns(queue), ...writingPermissions(records, reach)],
        wording: "writing worker function",
        runbook: "backfill-alarm",
        deletionProtection,
        tags: { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name },
      },
      options,
    );
  }
}

function checkedSettings(name: string, args: TableBackfillArgs): BackfillSettings {
  const { tables, changedTables, updates = {}, ...given } = args;
  const settings = withDefaults(backfillFields, given);
  const none = { code: "NO_TABLES", option: "changedTables", rule: "must name at least one table", value: [] };
  const problems: Problem[] = [
    ...checkFields(backfillFields, settings),
    ...emailWithoutAlarms(settings),
    ...moduleProblems("updates", updates, resolve(".")),
    ...nameProblems(name),
    ...(changedTables.length === 0 ? [none] : []),
    ...tableNameProblems([...tables, ...changedTables]),
  ];
  if (problems.length > 0) {
    throw new SluiceError("INVALID_BACKFILL_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}
