import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { BundledFunction } from "../../shared/infra/bundledFunction";
import { metricNamespace } from "../../shared/infra/metricNamespace";
import type { Statement } from "../../shared/infra/policy";
import { registeredModules } from "../../shared/infra/userModules";
import { endingPermissions, readingPermissions, writingPermissions } from "../jobs/permissions";
import { busOf } from "../jobs/tableAccess";
import type { ShuffleWorkflowArgs } from "./args";
import type { ShuffleSettings } from "./config";
import { generatePermissions, knowTables } from "./permissions";

export const GENERATE = { timeoutSeconds: 60, memoryMegabytes: 512 };

export interface FunctionsArgs {
  readonly args: ShuffleWorkflowArgs;
  readonly settings: ShuffleSettings;
  readonly deletionProtection: boolean;
  readonly tags: Record<string, string>;
  readonly parent: pulumi.Resource;
}

/** The functions of the tasks. */
export class WorkflowFunctions {
  readonly generate: aws.lambda.Function;
  readonly processReading: aws.lambda.Function;
  readonly processWriting: aws.lambda.Function | undefined;
  readonly summarize: aws.lambda.Function;
  /** Names of their log groups, by what they do. */
  readonly logGroups: Record<string, pulumi.Output<string>> = {};

  constructor(name: string, given: FunctionsArgs) {
    const { args, settings } = given;
    const { records, tables, operations = {}, updates = {}, operationPermissions = [], changedTables = [] } = args;
    const own = registeredModules("operations", operations, process.cwd());
    const changing = registeredModules("updates", updates, process.cwd());
    const { timeoutSeconds, memoryMegabytes } = settings;
    const worker = { timeoutSeconds, memoryMegabytes, environment: { EVENT_BUS: busOf(args) } };
    const make = (task: string, of: Made) => {
      const made = this.#make(`${name}-${task}`, of, given);
      this.logGroups[of.file] = made.logGroup.name;
      return made.function;
    };
    const reading = [...readingPermissions(records, args), ...operationPermissions];
    this.generate = make("generate", {
      ...{ ...GENERATE, file: "generate", permissions: generatePermissions(records) },
      environment: {
        MOST_WORKERS: String(settings.maximumConcurrency),
        WORKER_TIMEOUT_SECONDS: String(timeoutSeconds),
      },
    });
    this.processReading = make("process-reading", {
      ...worker,
      file: "processReading",
      replaced: own,
      permissions: reading,
    });
    // A job reads the table that it changes, even if other jobs may not read it. Its end checks whether the table is still the
    // same.
    const changedOnly = { ...args, tables: changedTables.filter((table) => !tables.includes(table)) };
    const allTables = { ...args, tables: [...tables, ...changedOnly.tables] };
    if (changedTables.length > 0) {
      const permissions = writingPermissions(records, allTables);
      this.processWriting = make("process-writing", {
        ...worker,
        file: "processWriting",
        replaced: changing,
        permissions,
      });
    }
    // The `finish` of a user's operation may read its table and results again.
    const ending =
      Object.keys(operations).length > 0
        ? [...reading, ...knowTables(changedOnly)]
        : endingPermissions(records, allTables);
    const all = { ...own, ...changing };
    this.summarize = make("summarize", { ...worker, file: "summarize", replaced: all, permissions: ending });
  }

  #make(name: string, made: Made, { args, settings, deletionProtection, tags, parent }: FunctionsArgs) {
    const { file, replaced = {}, environment, ...rest } = made;
    return new BundledFunction(
      name,
      {
        ...rest,
        entry: `services/shuffle/handlers/${file}.ts`,
        ...(Object.keys(replaced).length === 0 ? {} : { replaced }),
        environment: {
          JOBS_TABLE: args.records.table.name,
          RESULTS_BUCKET: args.records.results.bucket.bucket,
          ...environment,
          POWERTOOLS_LOG_LEVEL: settings.logLevel,
          POWERTOOLS_SERVICE_NAME: name,
          POWERTOOLS_METRICS_NAMESPACE: metricNamespace(),
        },
        listed: "tables",
        logRetentionDays: settings.logRetentionDays,
        deletionProtection,
        tags,
      },
      { parent },
    );
  }
}

interface Made {
  /** Name of the handler, in handlers/. */
  readonly file: string;
  readonly permissions: Statement[];
  readonly replaced?: Record<string, string>;
  /** Permissions in addition to those of all functions. */
  readonly environment: Record<string, string>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
}
