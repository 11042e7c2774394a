import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { SluiceError } from "../../shared/errors";
import { checkFields, type Problem, sentence, withDefaults } from "../../shared/infra/fields";
import type { Statement } from "../../shared/infra/policy";
import { emailWithoutAlarms, nameProblems } from "../../shared/infra/serviceFields";
import { moduleProblems, registeredModules } from "../../shared/infra/userModules";
import { readingPermissions, takeTurns } from "../jobs/permissions";
import { QueueWorkers } from "../jobs/queueWorkers";
import type { JobRecords } from "../jobs/records";
import { type Reach, tableNameProblems } from "../jobs/tableAccess";
import { type ScannerSettings, scannerFields } from "./config";

/** Every field of `scannerFields` (config.ts) but `tables` and `operations`, with defaults and bounds as there, and: */
export interface TableScannerArgs extends Reach, Partial<Omit<ScannerSettings, "tables" | "operations">> {
  /** Where its jobs live. */
  records: JobRecords;
  /** Operations of your own: name to path of a module, from the project's folder. See shared/operations/operation.ts. */
  operations?: Readonly<Record<string, string>>;
  /** What these may do besides Scan of the tables: statements for the worker's role. Default: nothing. */
  operationPermissions?: Statement[];
  /** True makes `pulumi destroy` stop at queues and log group. Default true. */
  deletionProtection?: boolean;
  /** Tags besides project, stack and service. Default none. */
  tags?: Record<string, string>;
}

/** The queue driver's reading side. */
export class TableScanner extends QueueWorkers {
  /**
   * @param name 1 to 35 lower-case letters, digits and hyphens, a letter first; all parts are named after it.
   * @throws SluiceError INVALID_SCANNER_ARGS with all problems, before anything is made; TooManyPermissions if a role
   *   cannot hold so many tables.
   */
  constructor(name: string, args: TableScannerArgs, options?: pulumi.ComponentResourceOptions) {
    const settings = checkedSettings(name, args);
    const { records, operations = {}, operationPermissions = [], deletionProtection = true } = args;
    super(
      "sluice:scanner:TableScanner",
      name,
      {
        ...args,
        settings,
        entry: "services/scanner/handlers/work.ts",
        replaced: registeredModules("operations", operations, process.cwd()),
        permissions: (queue) => [takeTurns(queue), ...readingPermissions(records, args), ...operationPermissions],
        wording: "reading worker function",
        runbook: "scanner-alarm",
        deletionProtection,
        tags: { ...args.tags, project: pulumi.getProject(), stack: pulumi.getStack(), service: name },
      },
      options,
    );
  }
}

function checkedSettings(name: string, args: TableScannerArgs): ScannerSettings {
  const { tables, operations = {}, ...given } = args;
  const settings = withDefaults(scannerFields, given);
  const problems: Problem[] = [
    ...checkFields(scannerFields, settings),
    ...emailWithoutAlarms(settings),
    ...moduleProblems("operations", operations, resolve(".")),
    ...nameProblems(name),
    ...tableNameProblems(tables),
  ];
  if (problems.length > 0) {
    throw new SluiceError("INVALID_SCANNER_ARGS", problems.map(sentence).join(" "), { value: problems });
  }
  return settings;
}
